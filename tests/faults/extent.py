"""How far a fault is taken, what it needs of the machine, and what was seen of it."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import pytest

from tests.faults import machine

Amount = TypeVar("Amount", int, float)
SEEN = "seen"


class NotTried(UserWarning):
    """A fault that this machine cannot make; `make faults` fails for it."""


@dataclass(frozen=True)
class Extent:
    """The short form of `make test`, or the whole of `make faults`."""

    whole: bool
    _note: Callable[[str, object], None]

    def of(self, short: Amount, whole: Amount) -> Amount:
        """The smaller amount in `make test`, the larger one in `make faults`."""
        return whole if self.whole else short

    def lacks(self, *means: machine.Means) -> bool:
        """Whether the machine cannot make this fault; the test then ends, and says so.

        Raises: pytest's failure under `make faults`, naming what is missing.
        """
        missing = ", ".join(one.value for one in means if not machine.has(one))
        if missing and self.whole:
            pytest.fail(f"this machine lacks {missing}", pytrace=False)
        if missing:
            self.saw(f"not tried: this machine lacks {missing}")
            warnings.warn(f"not tried: this machine lacks {missing}", NotTried, stacklevel=2)
        return bool(missing)

    def saw(self, what: str) -> None:
        """Keep a figure for the table: how often the fault was made, and what came of it."""
        self._note(SEEN, what)
