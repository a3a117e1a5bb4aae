"""Who may do what, as the migration writes it; a test compares both."""

ANYONE = "anyone"
"""A role with every right, for tests that are not about rights."""

RIGHTS: dict[tuple[str, str], frozenset[str]] = {
    ("quotes", "quote"): frozenset({"make", "open"}),
    ("quotes", "billing"): frozenset({"make", "hold"}),
    ("consent", "consent"): frozenset({"make", "open"}),
    ("consent", "rights_request"): frozenset({"make", "open"}),
    ("billing", "billing"): frozenset({"make", "open", "hold", "release"}),
    ("retention", "*"): frozenset({"destroy", "read links"}),
}


def may(role: str, right: str, category: str) -> bool:
    """Whether the role has that right on that category."""
    if role == ANYONE:
        return True
    rights = RIGHTS.get((role, category), frozenset()) | RIGHTS.get((role, "*"), frozenset())
    return right in rights
