"""I16: memory, queues and disk stay below what is stated, whatever happens."""

from collections.abc import Mapping, Sequence

from tests.storm.verdict import Verdict

MEGABYTE = 1_000_000
MEMORY_MEGABYTES_MAX: Mapping[str, int] = {
    "quotes": 500,
    "consent": 500,
    "retention": 500,
    "billing": 500,
    "gateway": 400,
    "objects": 400,
    "kafka": 1000,
}
"""How much one process may hold; a broker keeps to the heap it was given and its own buffers."""

QUEUE_ROWS_MAX = 20_000
"""How much may wait in one service: facts unsent, effects owed."""

DISK_BYTES_PER_FACT_MAX = 24_000
DISK_BYTES_FREE_OF_FACTS = 3_000 * MEGABYTE
"""What an idle stack takes, WAL that is kept and journals of the object store included."""

Sizes = Mapping[str, Sequence[int]]
"""What was seen of each thing, in its own unit, in the order in which it was seen."""


def check_bounds(memory_bytes: Sizes, queue_rows: Sizes, disk: tuple[int, int]) -> Verdict:
    """Nothing that was sampled was larger than stated.

    Shape: `disk` is the bytes of the whole stack at the end, and the facts it keeps.
    """
    most = {name: max(seen, default=0) // MEGABYTE for name, seen in memory_bytes.items()}
    disk_bytes, facts = disk
    told = ", ".join(f"{name} {megabytes} MB" for name, megabytes in most.items())
    longest = max((max(seen, default=0) for seen in queue_rows.values()), default=0)
    verdict = Verdict("I16", f"bounded: {told}, queue {longest}, disk {disk_bytes // MEGABYTE} MB")
    for name, megabytes in most.items():
        verdict.checked += len(memory_bytes[name])
        bound = MEMORY_MEGABYTES_MAX[name]
        verdict.demand(megabytes <= bound, f"{name} held {megabytes} MB, more than {bound}")
    for name, seen in queue_rows.items():
        longest = max(seen, default=0)
        verdict.demand(longest <= QUEUE_ROWS_MAX, f"{longest} rows waited in {name}")
    bound = DISK_BYTES_FREE_OF_FACTS + facts * DISK_BYTES_PER_FACT_MAX
    verdict.demand(disk_bytes <= bound, f"{disk_bytes} bytes of disk for {facts} facts")
    return verdict
