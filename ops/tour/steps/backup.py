"""Step 7: a backup, while the people are still there."""

from ops.tour.walk import Walk

TITLE = "A backup of everything, taken while the people are still there"


def take(walk: Walk) -> None:
    """The databases, the bucket, the journal and the policy are copied; keys never."""
    taken = walk.operator.run("backup")
    folder = walk.backup = walk.stack.backups / taken["name"]
    files = [path for path in folder.rglob("*") if path.is_file()]
    walk.old_epochs = walk.epochs()
    keys = {path.name for path in walk.stack.keys.iterdir()}
    walk.telling.check(
        "No backup holds a key that would open it",
        holds=bool(files) and not keys & {path.name for path in files},
        seen=f"{len(files)} files, {sum(one.stat().st_size for one in files) / 1e6:.0f} MB, "
        f"none of them one of the {len(keys)} keys",
    )
