"""What goes first when not everything can: withdrawals and erasures, then intake, lists last."""

from enum import IntEnum
from types import MappingProxyType


class Rank(IntEnum):
    """How long a request is held on to; the smaller, the longer.

    Shape: a choice may be a withdrawal, which shows in its body only, so each goes before intake.
    """

    RIGHT = 0
    CHOICE = 1
    INTAKE = 2
    LOOK = 3
    LIST = 4


SHARE = MappingProxyType(
    {Rank.RIGHT: 1.0, Rank.CHOICE: 0.95, Rank.INTAKE: 0.9, Rank.LOOK: 0.7, Rank.LIST: 0.5}
)
"""How much of each bound a rank may fill; what is left is kept for those before it."""

READS = ("GET", "HEAD")
_LIST_SLASHES = 2
RIGHTS = ("/api/rights-requests", "/api/erasures")
"""Doors at which people use their rights and are erased."""

CHOICES = "/api/choices"


def rank_of(method: str, path: str) -> Rank | None:
    """The rank of a request; none for what is never held up: probes and an operator's hand."""
    if not path.startswith("/api/"):
        return None
    if method in READS:
        is_list = path.count("/") == _LIST_SLASHES or path.startswith("/api/evidence")
        return Rank.LIST if is_list else Rank.LOOK
    if path.startswith(RIGHTS):
        return Rank.RIGHT
    return Rank.CHOICE if path.startswith(CHOICES) else Rank.INTAKE
