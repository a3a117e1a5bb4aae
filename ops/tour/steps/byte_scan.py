"""Step 11: every byte that is kept, and every byte at work, is looked at."""

import json
import tempfile
from typing import Any

from ops.tour.walk import Walk

TITLE = "Every byte of every store, and of the services' memory, is searched for the people"


def take(walk: Walk) -> None:
    """No person is found in any store of ours or at work, and what was planted is."""
    key = {"label": "the key of the erased request", "hex": walk.key.hex()}
    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as file:
        json.dump([*walk.canaries(), key], file)
        file.flush()
        words = ("scan", "--canaries", file.name, "--memory", "services")
        report = walk.operator.run(*words, accept=(0, 1))
    memory = [one for one in report["stores"] if one["store"].startswith("memory")]
    kept = [one for one in report["stores"] if one not in memory]
    for promise, stores in (
        ("Personal data is never in the clear on a disk of ours (7)", kept),
        ("Nor is it left in the memory of a service, nor is a destroyed key", memory),
    ):
        hits = sum(store["hits"] for store in stores)
        walk.telling.check(
            promise,
            holds=hits == 0 and not report["faults"],
            seen=f"{len(walk.canaries())} words of {len(walk.people)} people and a key in "
            f"{report['forms']} forms: {hits} hits in {_megabytes(stores)} MB of {_names(stores)}",
        )
    _check_controls(walk, report["stores"])


def _check_controls(walk: Walk, stores: list[dict[str, Any]]) -> None:
    planted, found = (sum(one[name] for one in stores) for name in ("controls", "controls_found"))
    walk.telling.check(
        "The search can see: what was planted, in every store and encoding, is found",
        holds=0 < planted == found,
        seen=f"{found} of {planted} planted marks found in {len(stores)} stores",
    )


def _megabytes(stores: list[dict[str, Any]]) -> str:
    return f"{sum(one['bytes'] for one in stores) / 1e6:.0f}"


def _names(stores: list[dict[str, Any]]) -> str:
    return ", ".join(one["store"] for one in stores)
