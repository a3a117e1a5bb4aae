"""The checks a clause may be measured by: what each looks at, and which services run it.

A check runs in its services, over their own real state; here is only its name, so that a policy
file cannot promise a measurement that nobody makes.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Check:
    """One measurement: its name, the services that answer for their part, and what it looks at."""

    name: str
    services: tuple[str, ...]
    looks_at: str


_ALL = (
    Check(
        "personal_fields_sealed",
        ("quotes", "consent", "billing"),
        "every personal part in the log and the views is a sealed box",
    ),
    Check(
        "choices_complete",
        ("consent",),
        "every choice names all four categories, its source, notice version and language",
    ),
    Check(
        "signals_honoured",
        ("consent",),
        "no choice made under a GPC signal turned on advertisement or marketing by default",
    ),
    Check(
        "choices_follow_the_last",
        ("consent",),
        "what is shown as a visitor's present choice is the last one in the log",
    ),
    Check(
        "refusals_not_asked_again",
        ("consent",),
        "no refusal was followed by a banner prompt within the term under the same version",
    ),
    Check(
        "quotes_erased_on_time",
        ("retention",),
        "no quote without an order is readable after its term",
    ),
    Check(
        "ordered_quotes_erased_on_time",
        ("retention",),
        "no quote content of an ordered record is readable after its term",
    ),
    Check(
        "erased_records_scrubbed",
        ("quotes", "consent", "billing"),
        "no box of an erased category is left in the views or the bucket",
    ),
    Check(
        "invoices_complete",
        ("billing",),
        "invoice numbers have no gap and each invoice has its sealed record",
    ),
    Check(
        "billing_held_to_term",
        ("billing",),
        "every order or invoice has a hold to its computed date, and none was let go earlier",
    ),
    Check(
        "holds_named",
        ("retention",),
        "everything held names its basis and its date, and nothing is held past that date",
    ),
    Check(
        "rights_requests_on_time",
        ("consent",),
        "every rights request was answered before it was late, and then forgot who asked",
    ),
    Check(
        "erasures_certified",
        ("retention",),
        "every finished erasure has a certificate whose signature verifies",
    ),
    Check(
        "backups_end_on_time",
        ("retention",),
        "no backup is older than its term, and none can long return a key that was destroyed",
    ),
    Check(
        "policy_published",
        ("consent",),
        "the policy in force is published in the log with its version and digest",
    ),
)
CHECKS = {check.name: check for check in _ALL}
