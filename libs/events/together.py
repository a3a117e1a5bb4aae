"""Several statements as one, so that they share a round trip and a commit."""

import re
from functools import lru_cache
from itertools import accumulate

from libs.events.view import Statement

_BEGINS = re.compile(r"^with\b", re.MULTILINE)
_ARGUMENT = re.compile(r"\$(\d+)")


def together(main: Statement, *others: Statement) -> Statement:
    """The statement `main` and what the others change beside it.

    Shape: it answers what `main` answers; each sees the tables as they were before all of them.
    """
    widths = [len(one.arguments) for one in (main, *others)]
    arguments = [one for statement in (main, *others) for one in statement.arguments]
    firsts = tuple(accumulate(widths[:-1]))
    return Statement(_text(main.text, tuple(one.text for one in others), firsts), arguments)


@lru_cache
def _text(main: str, others: tuple[str, ...], firsts: tuple[int, ...]) -> str:
    """Why kept: the same few come again and again, and the driver knows a statement by its text."""
    if not others:
        return main
    beside = ",\n".join(
        f"beside_{number} as (\n{_renumbered(text, first)}\n)"
        for number, (text, first) in enumerate(zip(others, firsts, strict=True))
    )
    joined, has_own = _BEGINS.subn(lambda _: f"with {beside},", main, count=1)
    return joined if has_own else f"with {beside}\n{main}"


def _renumbered(text: str, first: int) -> str:
    return _ARGUMENT.sub(lambda found: f"${int(found[1]) + first}", text)
