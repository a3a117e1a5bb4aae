#!/bin/sh
# Roles and databases where PostgreSQL's own image makes the cluster; runs once, on an empty volume.
set -eu
psql -X -q -U postgres -f /flux3d/roles.sql
for service in quotes consent retention billing; do
	psql -X -q -U postgres -v database="$service" -v template=template0 \
		-v visitors="flux3d_owner, $service, operator" -f /flux3d/database.sql
done
psql -X -q -U postgres -v database=keyring -v template=template0 \
	-v visitors="flux3d_owner, quotes, consent, retention, billing, keyring_backup, operator" -f /flux3d/database.sql
