"""The shipped policy: every clause the issue names, every sentence that cannot run, every term."""

from datetime import date
from hashlib import sha256

import pytest

from libs.policy.calendar import DECEMBER_31, Days, Months, Years
from libs.policy.checks import CHECKS
from libs.policy.loader import SHIPPED, load_policy
from libs.policy.terms import Terms

POLICY = load_policy()
CLAUSES = {
    "1.1": {"contact", "company", "files"},
    "1.2": {"categories", "banner", "technical"},
    "2": {"quotes", "support", "marketing", "analytics", "compliance"},
    "3": {
        *("hosting", "cdn", "shop", "payments", "advisers", "sister_company", "authorities"),
        *("no_selling", "no_ai_training", "portfolio"),
    },
    "4": {"transfers"},
    "5.1": {"quote", "account", "billing", "files", "backups", "logs"},
    "6": {"contact", "complaints"},
    "7": {"tls", "access", "backups", "passwords"},
    "8": {"versions", "notice"},
}
SENTENCES = {
    "S1": {"1.2.necessary"},
    "S2": {"5.1.files", "5.1.backups", "5.1.logs", "5.1.billing", "5.1.account"},
    "S3": {"5.1.quote"},
    "S4": {"2.analytics"},
    "S5": {"0.rights"},
    "S6": {"3.payments"},
    "S7": {"4.acknowledgement"},
}
BASES = {
    "quotes": "contract",
    "support_of_orders": "contract",
    "support_of_others": "legitimate_interest",
    "marketing": "consent",
    "analytics": "consent",
    "compliance": "legal_obligation",
}
RECIPIENTS = {
    *("namecheap", "cdn", "woocommerce", "stripe", "paypal", "ideal"),
    *("advisers", "scansmatter", "authorities"),
}


@pytest.mark.parametrize("section", CLAUSES)
def test_every_sentence_of_the_policy_has_a_clause(section: str) -> None:
    """No promise of the policy is left out of the file."""
    written = {clause.id for clause in POLICY.clauses}
    assert {f"{section}.{name}" for name in CLAUSES[section]} <= written


@pytest.mark.parametrize("sentence", SENTENCES)
def test_sentences_that_cannot_run_are_marked(sentence: str) -> None:
    """A sentence that cannot be kept as written says so, and no other clause claims to be it."""
    marked = {it.id for it in POLICY.clauses if it.cannot and it.cannot.sentence == sentence}
    assert marked == SENTENCES[sentence]


def test_the_terms_are_those_promised() -> None:
    """The numbers the services read are the policy's and the law's."""
    assert POLICY.terms == Terms(
        quote_without_order=Months(12),
        ordered_quote=Months(12),
        billing=Years(7),
        billing_oss=Years(10),
        rights_request_answer=Months(1),
        rights_request_extension=Months(2),
        rights_request_identity=Days(0),
        refusal_re_ask=Months(6),
        consent_validity=Months(12),
        backups=Days(30),
        logs=Days(30),
    )


@pytest.mark.parametrize("term", ["ordered_quote", "consent_validity", "refusal_re_ask"])
def test_numbers_of_our_own_are_marked_as_a_choice(term: str) -> None:
    """What no law or sentence fixes is shown as the company's choice."""
    assert POLICY.term_register[term].wording().endswith("(choice, not law)")


def test_every_purpose_has_its_one_basis() -> None:
    """Each purpose stands on the basis the policy names for it."""
    assert {name: POLICY.basis_of(name) for name in BASES} == BASES


def test_every_recipient_is_registered() -> None:
    """Everybody the policy names as a recipient is in the register."""
    assert {recipient.id for recipient in POLICY.recipients} == RECIPIENTS


def test_only_necessary_cookies_need_no_consent() -> None:
    """Of the four categories one alone is set unasked."""
    assert [category.needs_consent for category in POLICY.cookies] == [False, True, True, True]


def test_every_check_measures_some_clause() -> None:
    """A check that no sentence needs is not kept."""
    assert {clause.check for clause in POLICY.clauses} - {None} == set(CHECKS)


def test_the_digest_is_that_of_the_file() -> None:
    """What is published as the policy's digest can be computed by anybody who has the file."""
    assert POLICY.digest == sha256(SHIPPED.read_bytes()).hexdigest()


def test_the_head_of_the_file_is_read() -> None:
    """Version, date, book year and the sweep's limits come from the file."""
    head = (POLICY.effective_on, POLICY.book_year_end, POLICY.sweep.clock_jump_cap_days)
    assert (*head, POLICY.sweep.records_per_run_max) == (date(2025, 7, 29), DECEMBER_31, 35, 10_000)


def test_the_hold_names_its_article() -> None:
    """Whoever is told of a hold is told the law behind it."""
    assert POLICY.hold.article == "AWR art. 52(4)"


@pytest.mark.parametrize("ask", [POLICY.clause, POLICY.basis_of])
def test_what_the_policy_lacks_is_named(ask: object) -> None:
    """Asking for an unknown clause or purpose says which one was asked."""
    assert callable(ask)
    with pytest.raises(KeyError, match=r"9\.nothing"):
        ask("9.nothing")
