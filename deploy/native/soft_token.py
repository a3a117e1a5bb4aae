"""SoftHSM, a PKCS#11 token in software: brought from Debian's archive without being installed."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from deploy.native.failure import StackError
from deploy.native.machine import cache_folder, run

PACKAGES = ("softhsm2", "libsofthsm2", "softhsm2-common")
PLACES = (
    Path("/usr/lib/softhsm"),
    Path("/usr/local/lib/softhsm"),
    Path("/opt/homebrew/lib/softhsm"),
)
MODULE = "libsofthsm2.so"


def fetch() -> str:
    """Unpack the packages into the cache, unless the machine has a SoftHSM; says where it is."""
    if not _installed():
        _unpack()
    return str(module())


def module() -> Path:
    """The library that programs load.

    Raises: StackError, when neither the machine nor the cache has one.
    """
    found = _installed() or _folder() / "usr/lib/softhsm" / MODULE
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
    return shutil.which("softhsm2-util") or str(_folder() / "usr/bin/softhsm2-util")


def _folder() -> Path:
    return cache_folder() / "softhsm"


def _unpack() -> None:
    """Whole or not at all, whoever else unpacks it at the same time."""
    folder = _folder()
    if folder.is_dir():
        return
    draft = folder.with_name(f"softhsm.{os.getpid()}")
    draft.mkdir(parents=True)
    try:
        _download(draft)
        for package in sorted(draft.glob("*.deb")):
            run(["dpkg-deb", "-x", package, draft], purpose=f"Unpacking {package.name}")
            package.unlink()
        draft.rename(folder)
    except OSError:
        if not folder.is_dir():
            raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _download(folder: Path) -> None:
    """Fetch the packages; where the machine's list of them is missing or old, renew it first.

    Raises: StackError, where there is no apt: then SoftHSM has to be installed by hand.
    """
    fetching = ["apt-get", "download", *PACKAGES]
    try:
        run(fetching, purpose="Fetching SoftHSM", folder=folder)
    except StackError:
        run(["apt-get", "update"], purpose="Asking Debian for SoftHSM (or install softhsm2)")
        run(fetching, purpose="Fetching SoftHSM", folder=folder)
