"""Two copies of the keyring are compared row by row, in whatever order the rows come."""

import pytest

from libs.keyring.backup import TableDigest, digest_of, read_copies

SCRIPT = b"""SET x = 1;
COPY keyring.data_key (record, category) FROM stdin;
1\tquote
2\tbilling
\\.

COPY keyring.hold (record) FROM stdin;
\\.
COPY public.schema_migrations (version) FROM stdin;
20261201090000
\\.
"""


def fed(*chunks: bytes) -> TableDigest:
    """A table read in these pieces."""
    table = TableDigest()
    for chunk in chunks:
        table.feed(chunk)
    return table


def test_script_is_read_table_by_table() -> None:
    """Every table of the keyring is found, an empty one too, and nothing else."""
    copied = read_copies(SCRIPT.splitlines(keepends=True))
    assert {name: one.rows for name, one in copied.items()} == {"data_key": 2, "hold": 0}


def test_live_table_and_copy_have_one_digest() -> None:
    """Rows cut anywhere and in another order are the same rows."""
    live = {"data_key": fed(b"2\tbil", b"ling\n1\t", b"quote\n"), "hold": fed()}
    assert digest_of(live) == digest_of(read_copies(SCRIPT.splitlines(keepends=True)))


@pytest.mark.parametrize(
    "other",
    [
        {"hold": fed()},
        {"data_key": fed(b"1\tquote\n")},
        {"data_key": fed(b"1\tquote\n3\tbilling\n")},
    ],
    ids=["table missing", "row missing", "row changed"],
)
def test_anything_else_has_another_digest(other: dict[str, TableDigest]) -> None:
    """A table or row that is missing or differs shows."""
    live = {"data_key": fed(b"1\tquote\n2\tbilling\n")}
    assert digest_of(live) != digest_of(other)
