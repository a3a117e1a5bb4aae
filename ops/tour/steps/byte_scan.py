"""Step 7: every byte on the disk is looked at."""

import json
import tempfile

from ops.tour.walk import Walk

TITLE = "Every byte of Postgres, Kafka, the bucket and the logs is searched for the people"


def take(walk: Walk) -> None:
    """No person is found on any disk of ours, and what was planted is."""
    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as file:
        json.dump(walk.canaries(), file)
        file.flush()
        report = walk.operator.run("scan", "--canaries", file.name, accept=(0, 1))
    hits = sum(store["hits"] for store in report["stores"])
    looked_at = sum(store["bytes"] for store in report["stores"])
    walk.telling.check(
        "Personal data is never in the clear on a disk of ours (7)",
        holds=hits == 0,
        seen=f"{len(walk.canaries())} words of {len(walk.people)} people: {hits} hits in "
        f"{looked_at / 1e6:.0f} MB of {', '.join(one['store'] for one in report['stores'])}",
    )
    blind = [one["store"] for one in report["stores"] if one["controls_found"] < one["controls"]]
    found = sum(one["controls_found"] for one in report["stores"])
    walk.telling.check(
        "The search can see: what was planted in every store is found",
        holds=not blind and found > 0,
        seen=f"{found} planted marks found, none missed" if not blind else f"blind in {blind}",
    )
