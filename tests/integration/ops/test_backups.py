"""A whole stack is backed up, lost and brought back; what was erased meanwhile stays erased."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import Result

from deploy.native.buckets import client
from deploy.native.lifecycle import restore_mark
from deploy.native.postgres_install import cluster_folder
from deploy.native.stack import CHECKOUT, SERVICES, Stack
from libs.backups.kept import list_ended
from libs.keyring.journal import read_journal
from ops.service_doors import ServiceDoors
from tests.integration.ops.asking import ask_for_a_quote, within
from tests.journeys.runbook import follow

Flux3d = Callable[..., Result]
pytestmark = pytest.mark.timeout(420)


def data(ended: Result, *, code: int = 0) -> Any:
    """What a command printed as JSON, when it ended as it should."""
    assert ended.exit_code == code, ended.output
    return json.loads(ended.stdout)


def names(flux3d: Flux3d, record: str) -> list[str]:
    """The facts of a record's story, by name."""
    ended = flux3d("events", "story", record, "--json")
    return [one["name"] for one in data(ended)["items"]] if ended.exit_code == 0 else []


def quote(flux3d: Flux3d, stack: Stack) -> str:
    """A request for a price that retention has heard of."""
    record = ask_for_a_quote(stack, email="wim@voorbeeld.example")
    assert within(lambda: "ClockStarted" in names(flux3d, record))
    return record


def reads(flux3d: Flux3d, stack: Stack, record: str) -> bool:
    """Whether staff can read who asked."""
    token = flux3d("token", "--role", "staff").stdout.strip()
    answer = httpx.get(
        f"{stack.service_url('quotes')}/api/quotes/{record}",
        headers={"Authorization": f"Bearer {token}"},
    )
    assert answer.status_code in (200, 404, 410), answer.text
    return "wim@voorbeeld.example" in answer.text


def down(stack: Stack) -> None:
    """Stop the stack, as `make down` does."""
    place = {"FLUX3D_HOME": str(stack.home), "FLUX3D_PORT_BASE": str(stack.ports.base)}
    subprocess.run(
        [sys.executable, "-m", "deploy.native", "down"],
        cwd=CHECKOUT,
        env={"PATH": "/usr/bin:/bin", **place},
        check=True,
        capture_output=True,
    )


def put(stack: Stack, name: str) -> None:
    """An object in the bucket, with metadata of its own."""
    metadata: dict[str, str | list[str] | tuple[str]] = {"sealed": "yes"}
    client(stack).put_object("files", name, BytesIO(b"sealed"), 6, metadata=metadata)


def same_file_twice(files: list[Path]) -> bool:
    """Whether a backup holds an epoch key or a secret of the stack."""
    return any("keys" in path.parts or "secrets" in path.parts for path in files)


def test_what_was_erased_since_the_backup_stays_erased(flux3d: Flux3d, running: Stack) -> None:
    """P28, F70: restored, destroyed again by the journal, scrubbed again; the rest is readable."""
    first, erased, living = (quote(flux3d, running) for _ in range(3))
    data(flux3d("erase", first, "--yes", "--json"))
    data(flux3d("shred", "--yes", "--json"))  # so that the next round is a day away
    put(running, "kept")
    taken = data(flux3d("backup", "--json"))
    data(flux3d("erase", erased, "--yes", "--json"))
    lost = quote(flux3d, running)
    put(running, "lost")
    assert flux3d("restore", "--yes").exit_code == 1, "a running stack is not written over"
    down(running)
    found = data(flux3d("restore", "--yes", "--json"))
    assert (found["backup"], found["keyring_from"]) == (taken["name"], "the backup")
    assert (found["lines_destroyed_again"], found["erasures_taken_up"]) == (1, 1)
    assert within(lambda: names(flux3d, erased).count("ErasureCompleted") == 1)
    assert {"RecordErased", "RecordScrubbed"} <= set(names(flux3d, erased))
    assert not reads(flux3d, running, erased)
    assert reads(flux3d, running, living)
    assert names(flux3d, lost) == []
    assert [one.object_name for one in client(running).list_objects("files")] == ["kept"]
    metadata = client(running).stat_object("files", "kept").metadata or {}
    assert metadata.get("x-amz-meta-sealed") == "yes"
    assert not list(running.home.glob("*.before"))


def test_restored_stack_is_a_whole_one(flux3d: Flux3d, running: Stack) -> None:
    """Topics, views, journal and promises agree, and new requests are taken."""
    record = quote(flux3d, running)
    assert reads(flux3d, running, record)
    assert all(one["equal"] for one in data(flux3d("replay", "all", "--verify", "--json"))["items"])
    assert data(flux3d("journal", "verify", "--json"))["gate"] == "open"
    assert "broken" not in data(flux3d("evidence", "--json"))["counts"]
    assert within(lambda: flux3d("status", "--json").exit_code == 0)


def test_backup_older_than_a_shred_round_takes_the_keyring_of_the_round(
    flux3d: Flux3d, running: Stack
) -> None:
    """The round ended the epoch of the backup's keys; its own copy of the keyring opens."""
    erased, living = quote(flux3d, running), quote(flux3d, running)
    data(flux3d("backup", "--json"))
    data(flux3d("erase", erased, "--yes", "--json"))
    data(flux3d("shred", "--yes", "--json"))
    down(running)
    found = data(flux3d("restore", "--yes", "--json"))
    assert found["keyring_from"].startswith("epoch-")
    assert reads(flux3d, running, living)
    assert not reads(flux3d, running, erased)
    assert within(lambda: "ErasureCompleted" in names(flux3d, erased))


def test_runbook_of_a_restore_brings_the_stack_back(
    flux3d: Flux3d, running: Stack, tmp_path: Path
) -> None:
    """restore.md: every command of it on a stack whose cluster was damaged, its drill included."""
    record = quote(flux3d, running)
    data(flux3d("backup", "--json"))
    down(running)
    (cluster_folder(running) / "data" / "global" / "pg_control").unlink()
    said = follow("restore", running, tmp_path, {})
    assert "the gate is shut before the journal was replayed" in said
    assert reads(flux3d, running, record)


def test_journal_that_is_older_than_the_backup_is_refused(flux3d: Flux3d, running: Stack) -> None:
    """Cut or lost, it is refused before anything is touched, and the text says what to do."""
    data(flux3d("backup", "--json"))
    down(running)
    whole = running.journal.read_bytes()
    lines = whole.splitlines(keepends=True)
    running.journal.write_bytes(b"".join(lines[:-1]))
    cut = flux3d("restore", "--yes")
    assert (cut.exit_code, "bring back a whole copy" in " ".join(cut.output.split())) == (1, True)
    running.journal.unlink()
    gone = flux3d("restore", "--yes")
    assert (gone.exit_code, "--journal-of-backup" in gone.output) == (1, True)
    running.journal.write_bytes(whole)
    assert not restore_mark(running).exists()
    assert data(flux3d("restore", "--dry-run", "--json"))["sound_files"] > 1000
    assert list(read_journal(running.journal))


def test_damaged_backup_is_refused(flux3d: Flux3d, running: Stack) -> None:
    """One changed byte in the cluster's copy, and nothing of it is put in place."""
    newest = max(path for path in running.backups.iterdir() if path.is_dir())
    copy = running.backups / "zz-damaged"
    shutil.copytree(newest, copy)
    victim = copy / "postgres" / "PG_VERSION"
    victim.write_bytes(b"19\n")
    ended = flux3d("restore", "zz-damaged", "--yes")
    assert (ended.exit_code, "was changed" in ended.output) == (1, True)
    shutil.rmtree(copy)


def test_half_placed_backup_is_not_started(flux3d: Flux3d, running: Stack) -> None:
    """Broken off while files were put in place, nothing starts until it was run again."""
    restore_mark(running).write_text("half", encoding="utf-8")
    place = {"FLUX3D_HOME": str(running.home), "FLUX3D_PORT_BASE": str(running.ports.base)}
    ended = subprocess.run(
        [sys.executable, "-m", "deploy.native", "up", "--movable-clock"],
        cwd=CHECKOUT,
        env={"PATH": "/usr/bin:/bin", "HOME": str(Path.home()), **place},
        check=False,
        capture_output=True,
        text=True,
    )
    assert (ended.returncode, "flux3d restore" in ended.stderr) == (1, True)
    data(flux3d("restore", "--yes", "--json"))
    assert within(lambda: all(_answers(running, one) for one in SERVICES))


def _answers(stack: Stack, service: str) -> bool:
    return httpx.get(f"{stack.service_url(service)}/readyz").status_code == 200


def test_control_of_the_drill_turns_red(flux3d: Flux3d, running: Stack) -> None:
    """With the replay left out the drill finds the gate shut and the erased record readable."""
    control = data(flux3d("drill", "restore", "--leave-out-replay", "--json"), code=1)
    red = {one["what"] for one in control["findings"] if not one["is_so"]}
    assert red >= {"the gate opens after the replay", "the erased record is unreadable"}
    assert _answers(running, "quotes")


def test_no_backup_holds_a_key_or_a_secret(flux3d: Flux3d, running: Stack) -> None:
    """Not by name and not by content: no epoch key, password or link key is in any file."""
    newest = Path(data(flux3d("backup", "--json"))["path"])
    files = [path for path in newest.rglob("*") if path.is_file()]
    assert not same_file_twice([path.relative_to(newest) for path in files])
    secrets = [path.read_bytes().strip() for path in running.keys.glob("epoch-*.key")]
    secrets += [path.read_bytes().strip() for path in running.secrets.iterdir() if path.is_file()]
    for path in files:
        content = path.read_bytes()
        assert not any(one in content for one in secrets), path


@pytest.mark.policy("5.1.backups")
def test_backups_end_with_their_term(flux3d: Flux3d, running: Stack) -> None:
    """After thirty days the timer has removed them, written them down, and the clause is kept."""
    kept = [one["name"] for one in data(flux3d("backup", "--list", "--json"))["items"]]
    assert kept
    data(flux3d("clock", "advance", "31days", "--json"))
    assert within(lambda: {one.name for one in list_ended(running.backups)} >= set(kept))
    assert data(flux3d("backup", "--list", "--json"))["items"] == []
    assert data(flux3d("backup", "--expire", "--json"))["items"] == []
    document = ServiceDoors(running, "retention").get("/api/evidence/retention")
    (clause,) = [one for one in document["clauses"] if one["clause"] == "5.1.backups"]
    assert (clause["check"], clause["chosen_verdict"]) == ("backups_end_on_time", "kept")
    assert clause["figures"]["ended_backups"] >= len(kept)
