"""What the clients did lies on disk and is read back; what a storm leaves is bounded."""

import gzip
from pathlib import Path

from tests.storm.faults import Toll
from tests.storm.history import History, Outcome
from tests.storm.keeping import FOLDERS_KEPT, HISTORY, fresh_folder, keep
from tests.storm.report import Report
from tests.storm.verdict import Verdict
from tests.unit.storm.worlds import operations

DONE = operations(("quote", "t1", Outcome.OK), ("erase", "t2", Outcome.UNKNOWN))


def test_what_is_noted_is_read_back_in_order() -> None:
    """A history is read as often as wanted, and goes on afterwards."""
    history = History()
    history.note(DONE[0])
    assert list(history.operations) == DONE[:1]
    history.note(DONE[1])
    assert list(history.operations) == DONE
    assert history.outcomes == {Outcome.OK: 1, Outcome.UNKNOWN: 1}
    assert history.total == len(DONE)


def test_few_storms_are_kept(tmp_path: Path) -> None:
    """A new storm's folder takes the place of the oldest."""
    for seed in range(FOLDERS_KEPT + 3):
        fresh_folder(seed, tmp_path)
    assert len(list(tmp_path.iterdir())) == FOLDERS_KEPT


def test_a_lost_storm_keeps_its_logs(tmp_path: Path) -> None:
    """What did not hold is told in full, beside the history and the logs."""
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "quotes.log").write_text("said", encoding="utf-8")
    folder = fresh_folder(1, tmp_path / "results")
    history = History(folder / HISTORY)
    history.note(DONE[0])
    verdict = Verdict("I1", "nothing is lost")
    verdict.demand(holds=False, otherwise="one is lost")
    report = Report(seed=1, seconds=1, history=history, toll=Toll(), verdicts=[verdict])
    keep(folder, report, tmp_path / "logs")
    assert (folder / "violations.txt").read_text(encoding="utf-8") == "I1 one is lost\n"
    assert (folder / "logs" / "quotes.log").read_text(encoding="utf-8") == "said"
    assert b"quote" in gzip.decompress((folder / f"{HISTORY}.gz").read_bytes())
