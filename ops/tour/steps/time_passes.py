"""Step 12: thirteen months pass, and then eight years."""

from typing import Any

from ops.tour.telling import wait_for
from ops.tour.walk import Walk

TITLE = "The clock moves: thirteen months, then eight years"


def take(walk: Walk) -> None:
    """Each record goes when its term ends, with nobody acting."""
    walk.operator.run("clock", "advance", "13months")
    wait_for(lambda: walk.quote("japanese")["erased"] or None, "the unanswered quote to go")
    walk.telling.check(
        "A quote that leads nowhere goes after twelve months (5.1)",
        holds=walk.quote("japanese")["details"] is None,
        seen=f"on {walk.gateway.clock.now():%d %B %Y} the unanswered request is gone",
    )
    kept = walk.gateway.get(f"/api/invoices/{walk.invoice}", role="staff")
    walk.telling.check(
        "The invoice is still kept",
        holds=kept["party"] is not None,
        seen=f"invoice {walk.invoice} is readable, held until {kept['hold']['until_on']}",
    )
    walk.operator.run("clock", "advance", "8years")
    gone = wait_for(lambda: _erased_invoice(walk), "the invoice's buyer to go")
    walk.telling.check(
        "What was held goes when its hold ends, by itself (5.1)",
        holds=gone["party"] is None,
        seen=f"on {walk.gateway.clock.now():%d %B %Y} invoice {walk.invoice} names nobody any more",
    )
    wait_for(lambda: _nothing_under_way(walk), "every erasure to be answered by its owners")
    found = walk.gateway.get("/api/erasures", role="staff")["items"]
    walk.telling.check(
        "Every erasure ends in a certificate",
        holds=all(one["state"] == "completed" for one in found),
        seen=f"{len(found)} erasures, all completed",
    )
    wait_for(lambda: not walk.backup.exists(), "the backup to go")
    walk.telling.check(
        "Backups are kept for a limited period (5.1)",
        holds=not walk.backup.exists(),
        seen="the backup of this tour went by itself when its term was over",
    )


def _erased_invoice(walk: Walk) -> dict[str, Any] | None:
    shown = walk.gateway.get(f"/api/invoices/{walk.invoice}", role="staff")
    return shown if shown["erased"] and shown["document"]["sha256"] is None else None


def _nothing_under_way(walk: Walk) -> bool:
    found = walk.gateway.get("/api/erasures", role="staff")["items"]
    return all(one["state"] == "completed" for one in found)
