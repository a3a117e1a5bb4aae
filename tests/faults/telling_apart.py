"""Whether two kinds of answers can be told apart by how long they take."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence


def chance_of_telling(one: Sequence[float], other: Sequence[float]) -> float:
    """How often a random one of the first is slower than a random one of the second.

    Shape: one half when nobody can tell; the statistic of Mann and Whitney over all pairs, which
    asks nothing of the distribution and is not moved by a few slow answers.
    """
    ordered = sorted(other)
    slower = sum(bisect_left(ordered, it) + bisect_right(ordered, it) for it in one)
    return slower / (2 * len(one) * len(other))
