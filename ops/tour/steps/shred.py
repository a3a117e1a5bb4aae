"""Step 9: what was destroyed is made unrecoverable."""

from ops.tour.walk import Walk

TITLE = "A shred round: no copy of the destroyed keys opens any more, whoever kept it"


def take(walk: Walk) -> None:
    """The epochs that had wrapped the destroyed keys end; the living keys are wrapped anew.

    Why: the daily round may have been here before, and then less, or nothing, is left to do.
    """
    before = walk.operator.run("shred", "--dry-run")["recoverable"]
    left = walk.operator.run("shred", "--yes")["recoverable"]
    living = walk.epochs()
    walk.telling.check(
        "From now on no backup, replica or WAL gives a destroyed key back (5.1)",
        holds=left == 0 and not walk.old_epochs & living,
        seen=f"{before} destroyed keys were recoverable, now {left}; "
        f"{_named(walk.old_epochs)} is destroyed, {_named(living)} opens the living keys",
    )
    door = f"/api/erasures/{walk.erasure}/certificate/addendum"
    added = walk.gateway.get(door)["content"]
    walk.telling.check(
        "The certificate gets an addendum with both moments (6)",
        holds=added["unreadable_since"] < added["unrecoverable_since"],
        seen=f"unreadable since {added['unreadable_since'][11:19]}, "
        f"unrecoverable since {added['unrecoverable_since'][11:19]}",
    )


def _named(epochs: set[str]) -> str:
    return ", ".join(sorted(epochs))
