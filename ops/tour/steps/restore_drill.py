"""Step 10: the backup from before the erasure, restored into a copy."""

from ops.tour.walk import Walk

TITLE = "The old backup is restored into a copy; nobody who was erased comes back"


def take(walk: Walk) -> None:
    """The drill passes; with the replay of the erasure journal left out it must not."""
    drilled = walk.operator.run("drill", "restore", accept=(0, 1))
    for one in drilled["findings"]:
        walk.telling.check(
            f"In the restored copy: {one['what']}",
            holds=one["is_so"],
            seen=one["seen"] or "seen",
        )
    control = walk.operator.run("drill", "restore", "--leave-out-replay", accept=(0, 1))
    failed = [one["what"] for one in control["findings"] if not one["is_so"]]
    walk.telling.check(
        "The drill can fail: with the replay left out it does",
        holds=bool(failed),
        seen=f"{len(failed)} of {len(control['findings'])} findings turned; "
        f"each drill took {drilled['seconds']:.0f} s",
    )
