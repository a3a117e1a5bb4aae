"""Programs from Debian's archive, unpacked into the cache without being installed."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from deploy.native.failure import StackError
from deploy.native.machine import cache_folder, run


@dataclass(frozen=True, slots=True)
class Packages:
    """What belongs together: the name of its folder, and its packages."""

    name: str
    packages: tuple[str, ...]

    @property
    def folder(self) -> Path:
        """Where the packages lie unpacked, as the root of a small system."""
        return cache_folder() / self.name

    def unpack(self) -> Path:
        """The folder, filled whole or not at all, whoever else fills it at the same time.

        Raises: StackError, where there is no apt: then the packages have to be installed by hand.
        """
        if self.folder.is_dir():
            return self.folder
        draft = self.folder.with_name(f"{self.name}.{os.getpid()}")
        draft.mkdir(parents=True)
        try:
            self._download(draft)
            for package in sorted(draft.glob("*.deb")):
                run(["dpkg-deb", "-x", package, draft], purpose=f"Unpacking {package.name}")
                package.unlink()
            draft.rename(self.folder)
        except OSError:
            if not self.folder.is_dir():
                raise
        finally:
            shutil.rmtree(draft, ignore_errors=True)
        return self.folder

    def _download(self, folder: Path) -> None:
        """Where the machine's list of packages is missing or old, it is renewed first."""
        wanted = " ".join(self.packages)
        fetching = ["apt-get", "download", *self.packages]
        try:
            run(fetching, purpose=f"Fetching {wanted}", folder=folder)
        except StackError:
            run(["apt-get", "update"], purpose=f"Asking Debian for {wanted} (or install it)")
            run(fetching, purpose=f"Fetching {wanted}", folder=folder)
