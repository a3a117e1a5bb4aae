"""The control as files: in every folder of the home, in a file's name, and compressed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import cramjam

from deploy.native.stack import Stack
from ops.scan import places
from ops.scan.expected import CONTROL_NAME, Expected, expected
from ops.scan.specimens import Specimen

FOLDERS = (
    "bucket-metadata",
    "logs",
    "run",
    "caddy",
    "keys",
    "secrets",
    "backups",
    "journal",
    "reports",
)

PACKS: dict[str, Callable[[bytes], Any]] = {
    "gzip": cramjam.gzip.compress,
    "zstd": cramjam.zstd.compress,
    "lz4": cramjam.lz4.compress,
    "snappy": cramjam.snappy.compress,
}


@contextmanager
def file_controls(stack: Stack, found: list[Specimen]) -> Iterator[set[Expected]]:
    """Files of ours that hold the control, for as long as the block runs."""
    made: list[Path] = []
    try:
        seen = _plain(stack, found, made) | _named(stack, found, made)
        yield seen | _compressed(stack, found, made)
    finally:
        for path in made:
            path.unlink(missing_ok=True)


def _plain(stack: Stack, found: list[Specimen], made: list[Path]) -> set[Expected]:
    content = b"\n".join(raw for _, raw in found)
    seen: set[Expected] = set()
    for folder in (stack.home, *(stack.home / name for name in FOLDERS)):
        if folder.is_dir():
            path = _write(folder / f"{CONTROL_NAME}.log", content, made)
            seen |= expected(places.store_of(path.relative_to(stack.home)), found)
    return seen


def _named(stack: Stack, found: list[Specimen], made: list[Path]) -> set[Expected]:
    plain = dict(found)["utf-8"]
    _write(stack.run / f"{CONTROL_NAME}-{plain.hex()}", b"", made)
    _write(stack.run / f"{CONTROL_NAME}-{quote(plain, safe='')}", b"", made)
    return {Expected(places.NAMES, "hex"), Expected(places.NAMES, "percent")}


def _compressed(stack: Stack, found: list[Specimen], made: list[Path]) -> set[Expected]:
    content = b"log line\n" * 100 + b"\n".join(raw for _, raw in found) + b"\nlog line" * 100
    seen: set[Expected] = set()
    for name, pack in PACKS.items():
        # In the folder of backups, because that is where large things are packed.
        folder = stack.home / "backups" if (stack.home / "backups").is_dir() else stack.logs
        _write(folder / f"{CONTROL_NAME}.{name}", bytes(pack(content)), made)
        seen |= expected(places.in_format(places.COMPRESSED, name), found)
    return seen


def _write(path: Path, content: bytes, made: list[Path]) -> Path:
    made.append(path)
    path.write_bytes(content)
    return path
