"""Step 13: every view is built again from Kafka."""

from ops.tour.walk import Walk

TITLE = "Every view of every service, rebuilt from Kafka beside the live one"


def take(walk: Walk) -> None:
    """The rebuilt views equal the live ones to the byte, erased records included."""
    found = walk.operator.run("replay", "all", "--verify", accept=(0, 1))["items"]
    for one in found:
        walk.telling.check(
            f"{one['service']}.{one['view']} is what its facts say",
            holds=bool(one["equal"]),
            seen=f"{one['rows_rebuilt']} rows from {one['read']} messages, "
            f"digest {one['digest_rebuilt'][:12]}"
            + ("" if one["equal"] else f" differs: {one['differing']}"),
        )
