"""The schema file is the sum of the migrations."""

from tests.integration.libs.keyring.cluster import MIGRATIONS, Cluster


def test_schema_file_is_the_sum_of_the_migrations(cluster: Cluster) -> None:
    """What a reader sees in schema.sql is what the migrations make."""
    written = (MIGRATIONS.parent / "schema.sql").read_text(encoding="utf-8")
    assert cluster.dump_schema() == written
