"""One pair, swept over every interleaving; the sweep says how large it was."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from tests.simulation.exploring import Exploration
from tests.simulation.pairs import Pair


def sweep_over(name: str, pair: Pair) -> Exploration:
    """Every interleaving of the pair, checked at every step and at every end.

    Raises: Broken, where a promise is; TooMany, when the bound cut the sweep short.
    """
    exploration = Exploration(echoes=pair.echoes, at_end=pair.at_end, check=pair.check)
    course = pair.before().begin(*pair.tasks)
    with quiet(), rare_collections():
        exploration.run(course)
    print(exploration.figures(name))  # noqa: T201 - the figure of a sweep is said
    return exploration


@contextmanager
def rare_collections() -> Iterator[None]:
    """Let the collector of cycles look rarely: nearly all of what a sweep makes is kept."""
    before = gc.get_threshold()
    gc.set_threshold(200_000, 50, 50)
    try:
        yield
    finally:
        gc.set_threshold(*before)


@contextmanager
def quiet() -> Iterator[None]:
    """Log nothing below critical: in a sweep the services say the same thing a thousand times."""
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger("critical"))
    try:
        yield
    finally:
        structlog.configure(**before)
