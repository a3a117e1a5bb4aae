"""A process's memory is read as it is, and what cannot be read is said."""

import os
import secrets
from pathlib import Path

import pytest

from ops.scan import memory
from ops.scan.canaries import Canary, controls
from ops.scan.control_memory import memory_control
from ops.scan.expected import Expected
from ops.scan.matcher import Matcher, patterns_of
from ops.scan.memory import ENVIRONMENT, Process, look_at_memory
from ops.scan.specimens import key_specimens, specimens


def test_every_control_in_memory_is_seen() -> None:
    """A process that holds the controls shows each of them, and its own environment."""
    text, key = controls(os.urandom)
    patterns = patterns_of([text, key])
    with memory_control([*specimens(text.text), *key_specimens(key.key)]) as (process, expected):
        (seen,) = look_at_memory(process, Matcher(patterns))
    shown = {Expected(seen.store, patterns[number].encoding) for _, _, number in seen.sightings}
    assert expected - shown == {Expected(process.store, ENVIRONMENT)}
    assert seen.proofs == [ENVIRONMENT]


def test_what_nobody_holds_is_not_seen() -> None:
    """A text that the process never had is not found in it."""
    text, _ = controls(os.urandom)
    matcher = Matcher(patterns_of([Canary("other", secrets.token_hex(20))]))
    with memory_control(specimens(text.text)) as (process, _expected):
        (seen,) = look_at_memory(process, matcher)
    assert (seen.sightings, seen.bytes > 0) == ([], True)


def test_process_that_ended_is_no_fault() -> None:
    """What ended since it was listed has no memory any more."""
    text, _ = controls(os.urandom)
    with memory_control(specimens(text.text)) as (process, _expected):
        pass
    assert look_at_memory(process, Matcher(patterns_of([text]))) == []


def test_memory_that_may_not_be_read_is_a_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the kernel refuses, nothing was searched, and the scan says whose."""
    (tmp_path / "7" / "environ").mkdir(parents=True)
    monkeypatch.setattr(memory, "PROC", tmp_path)
    (seen,) = look_at_memory(Process("quotes", 7), Matcher(patterns_of([Canary("a", "a text")])))
    assert seen.faults == ["memory of quotes (7): IsADirectoryError"]
    assert seen.proofs == []
