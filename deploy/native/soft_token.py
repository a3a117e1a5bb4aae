"""SoftHSM, a PKCS#11 token in software, and tokens made with it."""

from __future__ import annotations

import shutil
from pathlib import Path

from deploy.native.debian import Packages
from deploy.native.failure import StackError
from deploy.native.machine import run

SOFTHSM = Packages("softhsm", ("softhsm2", "libsofthsm2", "softhsm2-common"))
PLACES = (
    Path("/usr/lib/softhsm"),
    Path("/usr/local/lib/softhsm"),
    Path("/opt/homebrew/lib/softhsm"),
)
MODULE = "libsofthsm2.so"


def fetch() -> str:
    """Bring SoftHSM, unless the machine has one; says where it is."""
    if not _installed():
        SOFTHSM.unpack()
    return str(module())


def module() -> Path:
    """The library that programs load.

    Raises: StackError, when neither the machine nor the cache has one.
    """
    found = _installed() or SOFTHSM.folder / "usr/lib/softhsm" / MODULE
    if not found.exists():
        raise StackError(what="SoftHSM is not here", remedy="Run make setup")
    return found


def make_token(folder: Path, *, label: str, pin: str) -> dict[str, str]:
    """A new token in a folder; the variables by which its library finds it again."""
    tokens, configuration = folder / "tokens", folder / "softhsm2.conf"
    tokens.mkdir(parents=True, mode=0o700)
    configuration.write_text(
        f"directories.tokendir = {tokens}\nobjectstore.backend = file\nlog.level = ERROR\n",
        encoding="utf-8",
    )
    environment = {"SOFTHSM2_CONF": str(configuration)}
    library = ("--module", str(module()))
    made = ("--init-token", "--free", "--label", label, "--pin", pin, "--so-pin", pin)
    run([_program(), *library, *made], purpose="Making a token", environment=environment)
    return environment


def _installed() -> Path | None:
    return next((place / MODULE for place in PLACES if (place / MODULE).exists()), None)


def _program() -> str:
    return shutil.which("softhsm2-util") or str(SOFTHSM.folder / "usr/bin/softhsm2-util")
