"""The cache forgets in time."""

from libs.keyring.cache import KeyCache
from libs.keyring.keys import DataKey
from libs.keyring.openings import Shredded
from libs.keyring.testing.conformance import AT, new_id


class Seconds:
    """A monotonic clock that a test moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def key_of() -> DataKey:
    """A key with a made-up secret."""
    return DataKey(new_id(), "quote", 1, bytes(32))


def test_key_is_remembered_below_the_ceiling() -> None:
    """A key just read is given back without asking."""
    cache, key = KeyCache(Seconds()), key_of()
    cache.put(key.record, "quote", key, cache.mark())
    assert cache.get(key.record, "quote") == key
    assert cache.get(key.record, "billing") is None


def test_ceiling_counts_from_the_question() -> None:
    """An answer that was long under way is as old as its question."""
    seconds = Seconds()
    cache, key = KeyCache(seconds), key_of()
    mark = cache.mark()
    seconds.now = 59.0
    cache.put(key.record, "quote", key, mark)
    seconds.now = 60.0
    assert cache.get(key.record, "quote") is None


def test_revoked_key_is_forgotten_at_once() -> None:
    """P27: after the broadcast nothing of the record is remembered."""
    cache, key = KeyCache(Seconds()), key_of()
    cache.put(key.record, "quote", key, cache.mark())
    cache.revoke(key.record)
    assert cache.get(key.record, "quote") is None


def test_answer_that_crosses_a_revocation_is_not_kept() -> None:
    """P27: a key read before the revocation and arriving after it does not come back."""
    cache, key = KeyCache(Seconds()), key_of()
    mark = cache.mark()
    cache.revoke(key.record)
    cache.put(key.record, "quote", key, mark)
    assert cache.get(key.record, "quote") is None


def test_shredded_answer_is_remembered() -> None:
    """Readers of erased records do not ask again each time."""
    cache, record = KeyCache(Seconds()), new_id()
    cache.put(record, "quote", Shredded("quote", AT), cache.mark())
    assert cache.get(record, "quote") == Shredded("quote", AT)


def test_least_used_record_is_forgotten_first() -> None:
    """The cache is bounded; what was used lately stays."""
    cache, keys = KeyCache(Seconds(), records_max=2), [key_of() for _ in range(3)]
    for key in keys[:2]:
        cache.put(key.record, "quote", key, cache.mark())
    cache.get(keys[0].record, "quote")
    cache.put(keys[2].record, "quote", keys[2], cache.mark())
    kept = [cache.get(key.record, "quote") is not None for key in keys]
    assert kept == [True, False, True]


def test_expired_keys_leave_the_memory_unasked() -> None:
    """Keys that nobody asks for again do not stay past the ceiling."""
    seconds = Seconds()
    cache, old, young = KeyCache(seconds), key_of(), key_of()
    cache.put(old.record, "quote", old, cache.mark())
    seconds.now = 30.0
    cache.put(young.record, "quote", young, cache.mark())
    seconds.now = 60.0
    cache.expire()
    assert len(cache) == 1


def test_key_asked_for_anew_outlives_its_first_answer() -> None:
    """What was read again is as young as its last question."""
    seconds = Seconds()
    cache, key, other = KeyCache(seconds), key_of(), Shredded("billing", AT)
    cache.put(key.record, "quote", key, cache.mark())
    cache.put(key.record, "billing", other, cache.mark())
    seconds.now = 30.0
    cache.put(key.record, "quote", key, cache.mark())
    seconds.now = 60.0
    cache.expire()
    assert cache.get(key.record, "quote") == key
    assert cache.get(key.record, "billing") is None
    seconds.now = 90.0
    cache.expire()
    assert len(cache) == 0
