"""The jars that the broker runs on: fetched by Maven, pinned by pom.xml, checked by hash."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from pathlib import Path

from deploy.native.failure import StackError
from deploy.native.machine import cache_folder, java, run
from deploy.native.stack import DEPLOY

POM = DEPLOY / "kafka" / "pom.xml"
CHECKSUMS = DEPLOY / "kafka" / "jars.sha256"


def jars_folder() -> Path:
    """Where the jars of this pom are kept; another list of jars has another folder."""
    digest = hashlib.sha256(CHECKSUMS.read_bytes()).hexdigest()[:12]
    return cache_folder() / f"kafka-{digest}"


def expected() -> dict[str, str]:
    """The hash of every jar, by file name."""
    rows = (line.split() for line in CHECKSUMS.read_text(encoding="ascii").splitlines())
    return {name: digest for digest, name in rows}


def fault(folder: Path) -> str | None:
    """What is wrong with the jars in a folder, or None."""
    wanted = expected()
    there = {path.name for path in folder.glob("*.jar")}
    if missing := sorted(wanted.keys() - there):
        return f"{len(missing)} of {len(wanted)} jars are missing"
    if strangers := sorted(there - wanted.keys()):
        return f"unexpected jar {strangers[0]}"
    for name, digest in wanted.items():
        if hashlib.sha256((folder / name).read_bytes()).hexdigest() != digest:
            return f"{name} has another checksum than jars.sha256"
    return None


def fetch() -> str:
    """Bring the jars into the cache, unless they are there; says what was done."""
    folder = jars_folder()
    if fault(folder) is None:
        return f"{len(expected())} jars in the cache"
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        fresh = Path(scratch) / "jars"
        _download(fresh)
        if wrong := fault(fresh):
            raise StackError(what=f"Kafka's jars were refused: {wrong}", remedy="Nothing was kept")
        shutil.rmtree(folder, ignore_errors=True)
        fresh.rename(folder)
    size = sum(path.stat().st_size for path in folder.iterdir()) // 1_000_000
    return f"{len(expected())} jars, {size} MB, checked"


def _download(folder: Path) -> None:
    copy = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies"
    options = ["-DincludeScope=runtime", f"-DoutputDirectory={folder}"]
    environment = {"JAVA_HOME": os.environ.get("JAVA_HOME") or str(java().resolve().parents[1])}
    command = [str(maven()), "-q", "-B", "-f", str(POM), copy, *options]
    run(command, purpose="Fetching Kafka's jars", environment=environment)


def maven() -> Path:
    """Maven on the path, brought by apt-get where we may.

    Raises: StackError when there is none and we may not install it.
    """
    if found := shutil.which("mvn"):
        return Path(found)
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise StackError(
            what="Maven is missing and cannot be installed from here",
            remedy="Run: sudo apt-get install -y maven",
        )
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    run(["apt-get", "update", "-q"], purpose="Updating Debian's list", environment=quiet)
    install = ["apt-get", "install", "-y", "-q", "--no-install-recommends", "maven"]
    run(install, purpose="Installing Maven", environment=quiet)
    return Path("/usr/bin/mvn")
