"""What is wrong with a policy file, said so that its author can go to the line."""

from dataclasses import dataclass

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One thing to correct: its line (1 is the first), its key, and what is wrong."""

    line: int
    key: str
    problem: str

    def __str__(self) -> str:
        """The fault as one line of text."""
        return f"line {self.line}, {self.key}: {self.problem}"


class PolicyUnreadable(ValueError):
    """A policy file has faults; nothing of it was taken into use."""

    def __init__(self, source: str, faults: tuple[Fault, ...]) -> None:
        """Say the file and every fault in it, in the order of the lines."""
        self.source = source
        self.faults = tuple(sorted(faults))
        listed = "\n".join(f"  {fault}" for fault in self.faults)
        super().__init__(f"{source} was not taken into use. Correct:\n{listed}")


def key_of(path: Path) -> str:
    """A path as its author would write it: `clauses[3].promise`."""
    steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return "".join(steps).removeprefix(".") or "the file"
