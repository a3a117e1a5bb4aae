"""The erasure journal: a file outside the databases that tells for ever which keys are gone.

A backup is a state of the past, so it brings destroyed keys back. The journal is never restored to
an earlier state; what it tells is destroyed again before a restored state may open. A line names
records, categories and moments, never a person, and carries the SHA-256 of the line before it.
Source: D8; P28.
"""

import fcntl
import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

import msgspec

from libs.events.errors import FluxError

FILE_NAME = "journal/erasures.jsonl"
"""Where the journal lies below the home of a stack."""

LINE_BYTES_MAX = 64 * 1024


class Head(msgspec.Struct, frozen=True):
    """How far a journal goes: its lines, and the SHA-256 of the last of them."""

    entries: int
    digest: str


NOTHING = Head(0, "0" * 64)
"""The head of a journal without lines."""


class Erased(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One fact that keys were destroyed, as it is to be journaled."""

    event: UUID
    erasure: UUID
    record: UUID
    categories: tuple[str, ...]
    unreadable_since: datetime


class Entry(Erased, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One line of the journal: the fact, its place, and the digest of the line before."""

    number: int
    before: str
    written_at: datetime


class JournalBroken(FluxError):
    """The journal was changed, cut or put together: no line after that place may be believed."""

    def __init__(self, number: int, what: str) -> None:
        """Name the line and what is wrong with it."""
        super().__init__(
            f"line {number} of the erasure journal {what}: nothing was opened; bring back a whole "
            "copy (each backup holds one) that goes at least as far"
        )
        self.number = number


@dataclass(frozen=True, slots=True)
class Line:
    """An entry and the head of the journal that ends with it."""

    entry: Entry
    head: Head


def read_journal(path: Path, after: Head = NOTHING, *, at_byte: int = 0) -> Iterator[Line]:
    """Every line behind `after`, which ends at `at_byte`, each checked against the one before it.

    Shape:  a last line without its newline was never acknowledged and is no line.
    Raises: JournalBroken.
    """
    if not path.exists():
        return
    with path.open("rb") as file:
        file.seek(at_byte)
        yield from _lines(file, after)


def _lines(file: BinaryIO, head: Head) -> Iterator[Line]:
    for raw in file:
        if not raw.endswith(b"\n"):
            return
        entry = _decode(raw, head)
        head = Head(entry.number, _digest(raw))
        yield Line(entry, head)


def _decode(raw: bytes, before: Head) -> Entry:
    number = before.entries + 1
    try:
        entry = msgspec.json.decode(raw, type=Entry)
    except ValueError:  # msgspec's own, or bytes that are no text
        raise JournalBroken(number, "cannot be read") from None
    if _encode(entry) != raw:
        raise JournalBroken(number, "is not written as the journal writes")
    if (entry.number, entry.before) != (number, before.digest):
        raise JournalBroken(number, "does not follow the line before it")
    return entry


def _encode(entry: Entry) -> bytes:
    return msgspec.json.encode(entry) + b"\n"


def _line_after(before: Head, erased: Erased, written_at: datetime) -> bytes:
    entry = Entry(
        **msgspec.structs.asdict(erased),
        number=before.entries + 1,
        before=before.digest,
        written_at=written_at,
    )
    return _encode(entry)


def _digest(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def verify_journal(path: Path, *known: Head) -> Head:
    """Where the journal ends, once every line was checked and every known head was met.

    Raises: JournalBroken, also when it does not reach a known head, or has another line there.
    """
    head, missing = NOTHING, {one for one in known if one != NOTHING}
    for line in read_journal(path):
        head = line.head
        missing.discard(head)
    for one in sorted(missing, key=lambda one: one.entries):
        what = "is missing" if one.entries > head.entries else "is not the one that is known"
        raise JournalBroken(one.entries, what)
    return head


def find_head(path: Path) -> Head:
    """Where the journal ends, by its last whole line alone; for a quick look, not for a proof.

    Raises: JournalBroken, when that line cannot be read.
    """
    if not path.exists() or path.stat().st_size == 0:
        return NOTHING
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - LINE_BYTES_MAX))
        whole, newline, _ = file.read().rpartition(b"\n")
    raw = whole.rpartition(b"\n")[2] + newline
    if not newline:
        return NOTHING
    try:
        return Head(msgspec.json.decode(raw, type=Entry).number, _digest(raw))
    except ValueError:
        raise JournalBroken(0, "(the last) cannot be read") from None


class Journal:
    """Appends to a journal; several processes may, one after the other."""

    def __init__(self, path: Path) -> None:
        """Append to the file at `path`, which is made when it is first needed."""
        self.path = path
        self._head = NOTHING
        self._end_byte = 0
        self._known: set[UUID] = set()

    def append(self, erased: Erased, *, written_at: datetime) -> Head:
        """Where the journal ends once the fact stands in it and is safely on the disk.

        Shape:  a fact that stands there already is not written again.
        Raises: as `append_all` does.
        """
        return self.append_all([erased], written_at=written_at)[0]

    def append_all(self, erased: Iterable[Erased], *, written_at: datetime) -> tuple[Head, int]:
        """Where the journal ends once these stand in it, safely, and how many lines that took.

        Raises: JournalBroken; OSError, when the disk does not take them: nothing was written.
        """
        with _locked(self.path) as file:
            self._catch_up()
            lines, head = list[bytes](), self._head
            for one in erased:
                if one.event not in self._known:
                    lines.append(_line_after(head, one, written_at))
                    head = Head(head.entries + 1, _digest(lines[-1]))
            if lines:
                self._write(file, b"".join(lines))
            return self._head, len(lines)

    def _catch_up(self) -> None:
        for line in read_journal(self.path, self._head, at_byte=self._end_byte):
            self._head = line.head
            self._end_byte += len(_encode(line.entry))
            self._known.add(line.entry.event)

    def _write(self, file: int, raw: bytes) -> None:
        os.ftruncate(file, self._end_byte)  # a torn line of a writer that died is no line
        try:
            if os.pwrite(file, raw, self._end_byte) != len(raw):
                raise OSError("the disk took a part of the line only")
            os.fsync(file)
        except OSError:
            os.ftruncate(file, self._end_byte)
            raise
        self._catch_up()


@contextmanager
def _locked(path: Path) -> Iterator[int]:
    is_new = not path.exists()
    path.parent.mkdir(parents=True, exist_ok=True)
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        if is_new:
            _keep_name(path.parent)
        yield file
    finally:
        os.close(file)


def _keep_name(folder: Path) -> None:
    """See the file's name in its folder safely on the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
