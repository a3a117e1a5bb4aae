"""What a scan has to find to be believed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from ops.scan.specimens import Specimen

CONTROL_NAME = "flux3d-scan-control"


class Expected(NamedTuple):
    """The control in one encoding in one store."""

    store: str
    encoding: str


def expected(store: str, found: Iterable[Specimen]) -> set[Expected]:
    """The control in each of these encodings in one store."""
    return {Expected(store, encoding) for encoding, _ in found}
