"""The one error of the native stack."""

from __future__ import annotations


class StackError(Exception):
    """Something the stack needs is not as it must be; says what happened and what to do."""

    def __init__(self, *, what: str, remedy: str) -> None:
        """Keep both halves, for those who show them apart."""
        super().__init__(f"{what}. {remedy}")
        self.what = what
        self.remedy = remedy
