"""What one slice of a round measured."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import quantiles

MICROSECONDS = 1_000_000


@dataclass(frozen=True, kw_only=True)
class Slice:
    """One side at work for some seconds.

    Units: seconds; the processor's time is that of the client's and of the servers' processes.
    """

    operations: int
    seconds: float
    client_cpu_seconds: float = 0.0
    server_cpu_seconds: float = 0.0
    latencies_seconds: Sequence[float] = ()

    @property
    def rate(self) -> float:
        """Operations a second."""
        return self.operations / self.seconds

    @property
    def seconds_each(self) -> float:
        """Seconds per operation."""
        return self.seconds / self.operations

    @property
    def client_microseconds(self) -> float:
        """The client's processor time per operation."""
        return self.client_cpu_seconds / self.operations * MICROSECONDS

    @property
    def server_microseconds(self) -> float:
        """The servers' processor time per operation."""
        return self.server_cpu_seconds / self.operations * MICROSECONDS

    def percentile(self, number: int) -> float:
        """Below this many seconds lie that many of a hundred operations; a lone one is them all."""
        if len(self.latencies_seconds) == 1:
            return self.latencies_seconds[0]
        return quantiles(self.latencies_seconds, n=100, method="inclusive")[number - 1]


def together(slices: Sequence[Slice]) -> Slice:
    """Slices of one side, one after the other, as a single one."""
    return Slice(
        operations=sum(one.operations for one in slices),
        seconds=sum(one.seconds for one in slices),
        client_cpu_seconds=sum(one.client_cpu_seconds for one in slices),
        server_cpu_seconds=sum(one.server_cpu_seconds for one in slices),
        latencies_seconds=[each for one in slices for each in one.latencies_seconds],
    )


def p50(one: Slice) -> float:
    """The middle operation's seconds."""
    return one.percentile(50)


def p99(one: Slice) -> float:
    """The hundredth-slowest operation's seconds."""
    return one.percentile(99)


def rate(one: Slice) -> float:
    """Operations a second."""
    return one.rate


def cpu(one: Slice) -> float:
    """The servers' processor time per operation, in microseconds."""
    return one.server_microseconds
