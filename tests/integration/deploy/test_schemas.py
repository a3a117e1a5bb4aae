"""Each schema file is what its migrations make."""

import pytest

from deploy.native.schemas import dump_fresh, schema_path
from deploy.native.stack import DATABASES, Stack


@pytest.mark.parametrize("kind", DATABASES)
def test_schema_file_is_the_sum_of_the_migrations(stack: Stack, kind: str) -> None:
    """What a reader sees in schema.sql is what the migrations make; `make schema` writes it."""
    assert dump_fresh(stack, kind) == schema_path(kind).read_text(encoding="utf-8")
