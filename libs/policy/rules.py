"""What must hold between the entries of a policy file, beyond the type of each."""

from collections.abc import Callable, Iterator

from libs.policy.calendar import Months
from libs.policy.checks import CHECKS
from libs.policy.faults import Path
from libs.policy.policy import Clause, Policy
from libs.policy.terms import TERM_UNITS, Term

Finding = tuple[Path, str]
COOKIE_CATEGORIES = ("necessary", "functional", "analytical", "advertisement")
_MONTHS_BY_LAW_MAX = {
    "rights_request_answer": (1, "GDPR art. 12(3) gives one month"),
    "rights_request_extension": (2, "GDPR art. 12(3) gives two further months"),
}


def broken_rules(policy: Policy) -> Iterator[Finding]:
    """Every rule the policy breaks, with the path of the key at fault."""
    for rule in _RULES:
        yield from rule(policy)


def _ids_are_unique(policy: Policy) -> Iterator[Finding]:
    """No two entries of one register share an id; two purposes alike would mean two bases."""
    registers = {
        "clauses": [clause.id for clause in policy.clauses],
        "purposes": [purpose.id for purpose in policy.purposes],
        "recipients": [recipient.id for recipient in policy.recipients],
        "cookies": [category.id for category in policy.cookies],
    }
    for register, ids in registers.items():
        for index, entry_id in enumerate(ids):
            if entry_id in ids[:index]:
                why = ": two bases for one purpose" if register == "purposes" else ""
                yield (register, index, "id"), f"{entry_id!r} is already taken above{why}"


def _each_clause_has_one_verdict(policy: Policy) -> Iterator[Finding]:
    """A clause is either kept or says why it cannot be."""
    for index, clause in enumerate(policy.clauses):
        if clause.keeps is False or (clause.keeps is None) == (clause.cannot is None):
            yield ("clauses", index, "keeps"), "give either keeps = true or cannot = { … }"


def _checks_are_known(policy: Policy) -> Iterator[Finding]:
    """A clause is measured by a check that exists, run by services that keep the clause."""
    for index, clause in enumerate(policy.clauses):
        if clause.check is not None and (problem := _problem_with_check(clause, clause.check)):
            yield ("clauses", index, "check"), problem


def _problem_with_check(clause: Clause, name: str) -> str | None:
    """What is wrong with the check a clause names, if anything."""
    check = CHECKS.get(name)
    if check is None:
        return f"no check is called {name!r}; known are {', '.join(sorted(CHECKS))}"
    if not set(check.services) & set(clause.kept_by):
        return f"{name!r} is run by {', '.join(check.services)}, none of which keeps this clause"
    return None


def _terms_are_the_known_ones(policy: Policy) -> Iterator[Finding]:
    """Every term a service reads is given, and no other."""
    for name in sorted(TERM_UNITS.keys() - policy.term_register.keys()):
        yield ("terms", name), "this term is missing; the services read it"
    for name in sorted(policy.term_register.keys() - TERM_UNITS.keys()):
        yield ("terms", name), "no service reads a term of this name"


def _terms_have_their_unit(policy: Policy) -> Iterator[Finding]:
    """Each term gives one length, in its own unit."""
    for name, term in policy.term_register.items():
        unit = TERM_UNITS.get(name)
        if unit and [type(length) for length in term.lengths()] != [unit]:
            yield ("terms", name), f"give one length, in {unit.__name__.lower()}"


def _terms_keep_to_the_law(policy: Policy) -> Iterator[Finding]:
    """A deadline the law gives may be shorter, never longer."""
    for name, (months_max, law) in _MONTHS_BY_LAW_MAX.items():
        term = policy.term_register.get(name)
        if term and _is_longer(term, months_max):
            yield ("terms", name, "months"), f"longer than the law allows: {law}"


def _is_longer(term: Term, months_max: int) -> bool:
    """Whether a term gives more months than these."""
    return any(isinstance(it, Months) and it.count > months_max for it in term.lengths())


def _terms_belong_to_clauses(policy: Policy) -> Iterator[Finding]:
    """Every clause names terms that exist, and every term stands in a clause."""
    named = {name for clause in policy.clauses for name in clause.terms}
    for index, clause in enumerate(policy.clauses):
        for name in clause.terms:
            if name not in policy.term_register:
                yield ("clauses", index, "terms"), f"no term is called {name!r}"
    for name in sorted(policy.term_register.keys() - named):
        yield ("terms", name), "no clause names this term"


def _registers_name_clauses(policy: Policy) -> Iterator[Finding]:
    """Purposes and recipients stand in a clause that exists."""
    known = {clause.id for clause in policy.clauses}
    registers = {
        "purposes": [purpose.clause for purpose in policy.purposes],
        "recipients": [recipient.clause for recipient in policy.recipients],
    }
    for register, clauses in registers.items():
        for index, clause_id in enumerate(clauses):
            if clause_id not in known:
                yield (register, index, "clause"), f"no clause has the id {clause_id!r}"


def _cookies_are_the_four(policy: Policy) -> Iterator[Finding]:
    """The banner has its four categories, and only the necessary one needs no consent."""
    missing = [name for name in COOKIE_CATEGORIES if name not in {it.id for it in policy.cookies}]
    if missing:
        yield ("cookies",), f"the banner lacks {', '.join(missing)}"
    for index, category in enumerate(policy.cookies):
        if category.id not in COOKIE_CATEGORIES:
            known = ", ".join(COOKIE_CATEGORIES)
            yield ("cookies", index, "id"), f"no category is called so; there are {known}"
        elif category.needs_consent == (category.id == "necessary"):
            yield ("cookies", index, "needs_consent"), "all but the necessary ones need consent"


_RULES: tuple[Callable[[Policy], Iterator[Finding]], ...] = (
    _ids_are_unique,
    _each_clause_has_one_verdict,
    _checks_are_known,
    _terms_are_the_known_ones,
    _terms_have_their_unit,
    _terms_keep_to_the_law,
    _terms_belong_to_clauses,
    _registers_name_clauses,
    _cookies_are_the_four,
)
