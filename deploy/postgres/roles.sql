-- Who may log in: the owner of the schemas, one role per service, a reader for operators, one that
-- copies the keyring for its backup, and one that copies the whole cluster.
-- What each may touch is granted by the migrations; here only that they exist, and their passwords.
\set ON_ERROR_STOP on
\getenv flux3d_owner_password FLUX3D_PASSWORD_FLUX3D_OWNER
\getenv quotes_password FLUX3D_PASSWORD_QUOTES
\getenv consent_password FLUX3D_PASSWORD_CONSENT
\getenv retention_password FLUX3D_PASSWORD_RETENTION
\getenv billing_password FLUX3D_PASSWORD_BILLING
\getenv operator_password FLUX3D_PASSWORD_OPERATOR
\getenv keyring_backup_password FLUX3D_PASSWORD_KEYRING_BACKUP
\getenv replicator_password FLUX3D_PASSWORD_REPLICATOR

select format('create role %I login', name)
from unnest(array['flux3d_owner', 'quotes', 'consent', 'retention', 'billing', 'operator',
                  'keyring_backup', 'replicator']) as name
where not exists (select from pg_roles where rolname = name)
\gexec

alter role flux3d_owner password :'flux3d_owner_password';
alter role quotes password :'quotes_password';
alter role consent password :'consent_password';
alter role retention password :'retention_password';
alter role billing password :'billing_password';
alter role operator password :'operator_password';
alter role keyring_backup password :'keyring_backup_password';
alter role replicator replication password :'replicator_password';
alter role operator set default_transaction_read_only = on;
alter role keyring_backup set default_transaction_read_only = on;

revoke connect, temporary on database postgres, template1 from public;
