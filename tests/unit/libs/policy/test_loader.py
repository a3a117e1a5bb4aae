"""The strict loader: every way a policy file can be wrong, and the line and key it is told at."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from libs.policy.faults import Fault, PolicyUnreadable
from libs.policy.loader import SHIPPED, load_policy, read_policy
from libs.policy.positions import locate

TEXT = SHIPPED.read_text(encoding="utf-8")


def _faults(text: str) -> tuple[Fault, ...]:
    """The faults of a file that has some."""
    with pytest.raises(PolicyUnreadable) as refusal:
        read_policy(text.encode(), source="test.toml")
    return refusal.value.faults


def _faults_if_any(text: str) -> tuple[Fault, ...]:
    """The faults of a file, none when it loads; anything else it raises is our mistake."""
    try:
        read_policy(text.encode(), source="test.toml")
    except PolicyUnreadable as refusal:
        return refusal.faults
    return ()


def _with(old: str, new: str) -> tuple[str, int]:
    """The shipped text with its first such piece replaced, and the line of the change."""
    before, found, after = TEXT.partition(old)
    assert found
    return before + new + after, before.count("\n") + 1


@pytest.mark.parametrize(
    ("old", "new", "key", "problem"),
    [
        ('version = "', 'colour = 3\nversion = "', "colour", "not known"),
        ('version = "2025-07-29"', "version = 2", "version", "string"),
        ("effective_on = 2025-07-29", 'effective_on = "soon"', "effective_on", "date"),
        ('book_year_end = "12-31"', 'book_year_end = "04-31"', "book_year_end", "no year has"),
        ('id = "0.rights"', 'id = "rights"', "clauses[0].id", "match"),
        ('kept_by = ["company", "consent"]', 'kept_by = ["nobody"]', "clauses[0].kept_by[0]", "'"),
        ('kept_by = ["company", "consent"]', "kept_by = []", "clauses[0].kept_by", "at least 1"),
        ('sentence = "S5", ', "", "clauses[0].cannot.sentence", "missing"),
        ('sentence = "S5"', 'sentence = "S9"', "clauses[0].cannot.sentence", "S1"),
        ('id = "1.1.company"', 'id = "1.1.contact"', "clauses[2].id", "already taken"),
        ("keeps = true", "keeps = false", "clauses[1].keeps", "either"),
        ("keeps = true", 'keeps = "yes"', "clauses[1].keeps", "boolean"),
        ("keeps = true", "keeps = 1", "clauses[1].keeps", "boolean"),
        ('check = "pers', 'check = "imp', "clauses[1].check", "no check is called"),
        (
            'check = "pers',
            'check = "invoices_complete" #',
            "clauses[1].check",
            "none of which keeps",
        ),
        ('terms = ["logs"]', 'terms = ["lags"]', "clauses[8].terms", "no term is called"),
        ("months = 12", "months = 0", "terms.quote_without_order.months", "greater"),
        ("months = 12", "months = true", "terms.quote_without_order.months", "integer"),
        ("months = 12", "months = 12.0", "terms.quote_without_order.months", "integer"),
        ("months = 1\n", "months = 2\n", "terms.rights_request_answer.months", "12(3)"),
        ('why = "to make', 'whom = "a"\nwhy = "to make', "purposes[0].whom", "not known"),
        ('basis = "contract"', 'basis = "habit"', "purposes[0].basis", "contract"),
        ('basis = "contract"', 'basis = ["contract", "consent"]', "purposes[0].basis", "two bases"),
        ('id = "support_of_others"', 'id = "quotes"', "purposes[2].id", "two bases"),
        ('clause = "3.cdn"', 'clause = "3.fax"', "recipients[1].clause", "no clause has"),
        ('role = "processor"', 'role = "friend"', "recipients[0].role", "processor"),
        ('id = "functional"', 'id = "funny"', "cookies[1].id", "no category"),
        ("needs_consent = true", "needs_consent = false", "cookies[1].needs_consent", "need"),
        (
            "records_per_run_max = 10_000",
            "records_per_run_max = -1",
            "sweep.records_per",
            "greater",
        ),
        ('basis = "Dutch', 'basis = " Dutch', "hold.basis", "match"),
    ],
)
def test_a_fault_is_told_with_its_line_and_key(old: str, new: str, key: str, problem: str) -> None:
    """Whatever is wrong with a key is told at that key and its line."""
    text, line = _with(old, new)
    told = [(it.line, it.key) for it in _faults(text) if problem in it.problem]
    assert any(at == line and named.startswith(key) for at, named in told), _faults(text)


@pytest.mark.parametrize(
    ("removed", "header", "key"),
    [
        ('trading_as = "Flux3D"\n', "[company]", "company.trading_as"),
        ('counted_from = "the last contact about the quote"\n', "[terms.quote_w", "terms.quote_w"),
        ("clock_jump_cap_days = 35\n", "[sweep]", "sweep.clock_jump_cap_days"),
        ('id = "0.rights"\n', "[[clauses]]", "clauses[0].id"),
    ],
)
def test_a_missing_key_is_told_at_its_table(removed: str, header: str, key: str) -> None:
    """A parameter that is missing is named, at the table that lacks it."""
    text, _ = _with(removed, "")
    line = text.partition(header)[0].count("\n") + 1
    (fault,) = _faults(text)
    assert (fault.line, fault.problem) == (line, "this key is missing")
    assert fault.key.startswith(key)


def test_a_missing_term_is_named() -> None:
    """A term that a service reads cannot be left out."""
    text, _ = _with("[terms.quote_without_order]", "[terms.quote_without_end]")
    assert ("terms.quote_without_order", "this term is missing; the services read it") in {
        (it.key, it.problem) for it in _faults(text)
    }


@pytest.mark.parametrize("lengths", ["years = 1", "months = 12\nyears = 1", "choice = false"])
def test_a_term_has_one_length_in_its_unit(lengths: str) -> None:
    """Twelve months and a year are not the same promise."""
    text, line = _with("months = 12", lengths)
    assert _faults(text) == (
        Fault(line - 1, "terms.quote_without_order", "give one length, in months"),
    )


@pytest.mark.parametrize(
    "verdict", ["", 'keeps = true\ncannot = { sentence = "S1", reason = "a", chosen = "b" }']
)
def test_a_clause_is_kept_or_says_why_not(verdict: str) -> None:
    """A clause that answers neither or both is refused."""
    text, _ = _with("keeps = true", verdict)
    assert [it.problem for it in _faults(text)] == ["give either keeps = true or cannot = { … }"]


def test_a_line_separator_within_a_string_does_not_shift_lines() -> None:
    """Only a newline ends a line, whatever else a text may hold."""
    text, line = _with("keeps = true", "keeps = 1")
    assert [it.line for it in _faults(text.replace("Flux3D", "Flux\u20283D"))] == [line]


def test_all_faults_are_told_at_once_in_order() -> None:
    """The author of a file sees every fault of it, from top to bottom."""
    text = TEXT.replace("months = 12", "months = 0").replace('basis = "contract"', 'basis = "x"')
    lines = [fault.line for fault in _faults(text)]
    assert (len(lines), lines) == (5, sorted(lines))


@pytest.mark.parametrize(
    ("raw", "line"),
    [
        (b"version = 1\nversion = 2\n", 2),
        (b"version = 1\n[company\n", 2),
        (b'a = 1\nb = "\xff"\n', 2),
        (b'a = """never closed', 1),
    ],
)
def test_what_is_no_toml_is_told_at_its_line(raw: bytes, line: int) -> None:
    """A file that cannot be parsed is told at the line where parsing stopped."""
    with pytest.raises(PolicyUnreadable) as refusal:
        read_policy(raw, source="test.toml")
    assert [fault.line for fault in refusal.value.faults] == [line]


def test_the_error_reads_as_instructions(tmp_path: Path) -> None:
    """The message names the file, what came of it, and each line to correct."""
    file = tmp_path / "ours.toml"
    file.write_text(_with("keeps = true", "keeps = 1")[0], encoding="utf-8")
    with pytest.raises(
        PolicyUnreadable, match=r"ours\.toml was not taken into use\. Correct:\n  line"
    ):
        load_policy(file)


def test_every_key_of_the_shipped_file_is_found_at_its_line() -> None:
    """Each located key really stands in the line it is said to stand in."""
    lines = TEXT.splitlines()
    assert all(
        str(next(step for step in reversed(path) if isinstance(step, str))) in lines[line - 1]
        for path, line in locate(TEXT).items()
    )


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_any_damage_is_taken_whole_or_told_within_the_file(data: st.DataObject) -> None:
    """A file damaged in any one line either loads or is refused with lines that exist."""
    lines = TEXT.splitlines()
    at = data.draw(st.integers(0, len(lines) - 1))
    damage = st.one_of(st.just(""), st.sampled_from(lines), st.text(max_size=20))
    lines[at] = data.draw(damage).encode("utf-8", "replace").decode()
    text = "\n".join(lines)
    assert all(1 <= fault.line <= text.count("\n") + 1 for fault in _faults_if_any(text))


def test_keys_within_long_strings_are_not_keys() -> None:
    """Text in a long string that looks like a key or a table is passed over."""
    found = locate('a = """\n[b]\nc = 1\n"""\n[[d]]\n"e f".g = 1\n[d.h]\ni = 1 # x\n[[d]]\ni = 2\n')
    assert found == {
        ("a",): 1,
        ("d", 0): 5,
        ("d", 0, "e f", "g"): 6,
        ("d", 0, "h"): 7,
        ("d", 0, "h", "i"): 8,
        ("d", 1): 9,
        ("d", 1, "i"): 10,
    }
