"""The statistic that finds out who tells known from unknown by the time of an answer."""

from random import Random

import pytest

from tests.faults.telling_apart import chance_of_telling


def test_answers_of_one_kind_cannot_be_told_apart() -> None:
    """One half, also with ties and however far some stray."""
    draw = Random(1)
    one, other = ([draw.lognormvariate(-5, 1) for _ in range(5000)] for _ in range(2))
    assert chance_of_telling(one, other) == pytest.approx(0.5, abs=0.03)
    assert chance_of_telling([1.0] * 10, [1.0] * 10) == 0.5


def test_a_millisecond_is_found() -> None:
    """Answers of ten milliseconds that take one longer are seen in the whole form."""
    draw = Random(2)
    one, other = ([draw.gauss(0.010, 0.003) for _ in range(10_000)] for _ in range(2))
    assert chance_of_telling([it + 0.001 for it in one], other) > 0.53


def test_the_slower_kind_is_the_first() -> None:
    """One, and nothing the other way round."""
    assert (chance_of_telling([2, 3], [0, 1]), chance_of_telling([0, 1], [2, 3])) == (1.0, 0.0)
