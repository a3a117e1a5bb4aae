"""Step 2: a visitor chooses, changes their mind, and refuses."""

from typing import Any
from uuid import uuid4

from ops.tour.walk import Walk

TITLE = "Cookie choices: yes, no, and a browser that says no"
OPTIONAL = ("functional", "analytical", "advertisement", "marketing", "portfolio")


def take(walk: Walk) -> None:
    """A choice counts at once, and so does taking it back; the past can be asked."""
    visitor = str(uuid4())
    _choose(walk, visitor, granted=("functional", "analytical", "marketing"))
    before = walk.gateway.clock.now()
    _choose(walk, visitor, granted=())
    now = walk.gateway.get(f"/api/choices/{visitor}")
    walk.telling.check(
        "Consent is withdrawn as easily as it was given (1.2)",
        holds=not any(_granted(now)),
        seen="one call gave it, one call took it back, at once",
    )
    then = walk.gateway.get(f"/api/choices/{visitor}", at=before.isoformat())
    walk.telling.check(
        "What was agreed to at a moment can be proved (7)",
        holds=then["analytical"] and then["marketing"] and not then["advertisement"],
        seen=f"as of {before:%H:%M:%S}: analytical and marketing yes, advertisement no",
    )
    _check_signal(walk)


def _check_signal(walk: Walk) -> None:
    visitor = str(uuid4())
    _choose(walk, visitor, granted=("analytical", "advertisement"), gpc=True)
    shown = walk.gateway.get(f"/api/choices/{visitor}")
    walk.telling.check(
        "A browser's Global Privacy Control is a refusal (1.2)",
        holds=shown["gpc"] and not shown["analytical"] and not shown["advertisement"],
        seen="GPC was on: no analytics, no advertisement",
    )
    history = walk.gateway.get("/api/consent-history", role="auditor", visitor=visitor)
    walk.telling.check(
        "Every choice is on record, a refusal as well",
        holds=len(history["items"]) == 1,
        seen=f"the auditor finds {len(history['items'])} choice of this visitor",
    )


def _choose(walk: Walk, visitor: str, *, granted: tuple[str, ...], gpc: bool = False) -> None:
    body: dict[str, Any] = {one: one in granted for one in OPTIONAL}
    body |= {"visitor": visitor, "source": "banner", "notice_version": "2025-07-29"}
    walk.gateway.post("/api/choices", body | {"language": "nl", "gpc": gpc})


def _granted(shown: dict[str, Any]) -> list[bool]:
    return [bool(shown[one]) for one in OPTIONAL]
