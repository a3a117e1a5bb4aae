"""A data key shows its place and keeps its secret."""

import pickle

import pytest

from libs.keyring.keys import DataKey, bound_to, fingerprint
from libs.keyring.testing.conformance import new_id

KEY = DataKey(new_id(), "quote", 1, b"a very secret secret of 32 bytes")


def test_secret_is_not_in_the_text() -> None:
    """A key in a log line or a traceback shows its place only."""
    assert "secret" not in repr(KEY)
    assert "secret" not in str(KEY)
    assert str(KEY.record) in repr(KEY)


def test_key_cannot_be_pickled() -> None:
    """A key does not leave the process by accident."""
    with pytest.raises(TypeError, match="wrap it"):
        pickle.dumps(KEY)


def test_fingerprint_knows_the_key_and_its_record() -> None:
    """The same key is known again; the same bytes for another record are not."""
    same = DataKey(KEY.record, "quote", 1, KEY.secret)
    moved = DataKey(new_id(), "quote", 1, KEY.secret)
    assert fingerprint(same) == fingerprint(KEY) != fingerprint(moved)


def test_every_place_is_bound_differently() -> None:
    """No two places share the bytes that a wrapped key is bound to."""
    places = [
        bound_to(record, category, revision=revision, epoch=epoch)
        for record in (KEY.record, new_id())
        for category in ("quote", "billing")
        for revision in (1, 2)
        for epoch in (1, 2)
    ]
    assert len(set(places)) == 16
