"""What stays of a storm: its report and history, and the logs where something did not hold."""

import gzip
import shutil
import time
from pathlib import Path

from deploy.native.stack import CHECKOUT
from tests.storm.report import Report

RESULTS = CHECKOUT / ".local-storm-results"
HISTORY = "history.jsonl"
FOLDERS_KEPT = 8
LOG_BYTES_MAX = 20_000_000
VIOLATIONS_MAX = 10_000


def fresh_folder(seed: int, results: Path = RESULTS) -> Path:
    """A folder for a storm that begins; the oldest of earlier ones go."""
    results.mkdir(parents=True, exist_ok=True)
    earlier = sorted(results.iterdir(), key=lambda one: one.stat().st_mtime)
    for one in earlier[: max(0, len(earlier) - FOLDERS_KEPT + 1)]:
        shutil.rmtree(one)
    folder = results / f"{seed}-{time.strftime('%Y%m%dT%H%M%S')}"
    folder.mkdir()
    return folder


def keep(folder: Path, report: Report, logs: Path) -> None:
    """Write the report, pack the history, and keep the ends of the logs where they may tell why."""
    (folder / "report.txt").write_text("\n".join(report.lines()) + "\n", encoding="utf-8")
    report.history.flush()
    _pack(folder / HISTORY)
    violations = [f"{it.name} {one}" for it in report.verdicts for one in it.violations]
    if violations:
        told = "\n".join(violations[:VIOLATIONS_MAX]) + "\n"
        (folder / "violations.txt").write_text(told, encoding="utf-8")
        _keep_ends(logs, folder / "logs")


def _pack(path: Path) -> None:
    packed = path.with_name(f"{path.name}.gz")
    with path.open("rb") as source, gzip.open(packed, "wb", compresslevel=1) as target:
        shutil.copyfileobj(source, target, 1 << 20)
    path.unlink()


def _keep_ends(logs: Path, folder: Path) -> None:
    folder.mkdir()
    for path in filter(Path.is_file, logs.iterdir()):
        with path.open("rb") as source, (folder / path.name).open("wb") as target:
            source.seek(max(0, path.stat().st_size - LOG_BYTES_MAX))
            shutil.copyfileobj(source, target, 1 << 20)
