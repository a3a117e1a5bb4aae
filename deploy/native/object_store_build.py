"""The S3 server, built once from its Go module at a pinned version and kept in the cache."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

from deploy.native.failure import StackError
from deploy.native.machine import cache_folder, go, run

MODULE = "github.com/versity/versitygw"
VERSION = "v1.7.0"
CHECKSUM = "h1:Tyn9TOpUn6nTyYfb+e2uaz1prf5Uv44FLpy4RU/foJE="


def program() -> Path:
    """Where the built server is kept."""
    return cache_folder() / f"versitygw-{VERSION}" / "versitygw"


def build() -> str:
    """Build the server into the cache, unless it is there; says what was done.

    Raises: StackError when the module is not the one whose checksum is written above.
    """
    target = program()
    if target.is_file():
        return f"{VERSION} in the cache"
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        environment = {"CGO_ENABLED": "0", "GOBIN": scratch}
        command = [str(go()), "install", "-trimpath", f"{MODULE}/cmd/versitygw@{VERSION}"]
        run(command, purpose="Building versitygw", environment=environment)
        built = Path(scratch) / "versitygw"
        _check(built)
        built.rename(target)
    return f"{VERSION} built, {target.stat().st_size // 1_000_000} MB"


def _check(built: Path) -> None:
    told = run([go(), "version", "-m", built], purpose="Reading versitygw's origin")
    match = re.search(rf"mod\s+{re.escape(MODULE)}\s+(\S+)\s+(\S+)", told)
    if not match or match.groups() != (VERSION, CHECKSUM):
        raise StackError(what="versitygw was built from another module", remedy="Nothing was kept")
