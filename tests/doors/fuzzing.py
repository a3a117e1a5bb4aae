"""Runs Schemathesis over the document of a service, on a stack where something is known."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from libs.doors.tokens import issue_token
from tests.doors.known import ROLES, Known
from tests.journeys.calling import Anybody

CONFIGURATION = Path(__file__).with_name("schemathesis.toml")
OFTEN, MOSTLY = 0.5, 0.9
WORDS = ("name", "brief", "company", "notice_version", "billing_address.street")
PARTY = {"email": "kiri@flux3d.example", "vat_number": "NL123456782B90", "name": "Kiri"}
GOOD = {
    **{f"body.{field}": "A teapot" for field in WORDS},
    **{f"body.{field}": value for field, value in PARTY.items()},
    **{f"body.party.{field}": value for field, value in PARTY.items()},
    "body.phone": "+31 20 123 4567",
    "body.budget.amount": "100.00",
    "body.amount.amount": "100.00",
}
"""Values that no schema can describe, by where they stand."""


@dataclass(frozen=True)
class Fuzzed:
    """What came of a run: what it printed, and its report."""

    failed: bool
    printed: str
    report: dict[str, Any]

    @property
    def cases(self) -> int:
        """How many requests were tried."""
        return int(self.report["test_cases"]["generated"])

    def taken(self, operation: str) -> int:
        """How often an operation took what came."""
        by_phase = self.report["valid_rates"].get(operation, {})
        return sum(int(one["accepted"]) for one in by_phase.values())


def fuzz(anybody: Anybody, service: str, known: Known, folder: Path) -> Fuzzed:
    """Try every operation of a service through the gateway, with every check there is."""
    configuration, report = folder / f"{service}.toml", folder / f"{service}.json"
    configuration.write_text(CONFIGURATION.read_text() + _about(known, service))
    stack = anybody.stack
    environment = {
        **os.environ,
        "FLUX3D_TOKEN": _token_of_all_roles(anybody),
        "FLUX3D_GATEWAY_ROOT": str(stack.gateway_root),
    }
    done = subprocess.run(
        [
            str(Path(sys.executable).with_name("schemathesis")),
            *("--config-file", str(configuration), "run"),
            f"{stack.service_url(service)}/openapi.json",
            *("--url", stack.gateway_url),
            *("--report", "json", "--report-json-path", str(report)),
        ],
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    return Fuzzed(done.returncode != 0, done.stdout + done.stderr, json.loads(report.read_text()))


def _token_of_all_roles(anybody: Anybody) -> str:
    private_pem = (anybody.stack.secrets / "token-signing.pem").read_bytes()
    now, hour = anybody.clock.now(), timedelta(hours=1)
    return issue_token(private_pem, name="fuzzer", roles=ROLES, now=now, valid_for=hour)


def _about(known: Known, service: str) -> str:
    """The part of the configuration that tells what is kept, and what is good."""
    values = {f"path.{name}": (ids, OFTEN) for name, ids in known.ids.items()}
    values |= {place: ([value], MOSTLY) for place, value in GOOD.items()}
    lines = []
    for place, (entries, _) in values.items():
        lines += [f"[dictionaries.{_name(place)}]", f"values = {json.dumps(entries)}"]
    lines.append("[parameters]")
    for place, (_, share) in values.items():
        lines.append(f'"{place}" = {{ dictionary = "{_name(place)}", probability = {share} }}')
    for path, record, token in known.links.get(service, ()):
        lines += [
            "[[operations]]",
            f'include-path = "{path}"',
            f'headers = {{ Authorization = "Bearer {token}" }}',
            f'parameters = {{ "{path.partition("{")[2].partition("}")[0]}" = "{record}" }}',
        ]
    return "\n".join(lines) + "\n"


def _name(place: str) -> str:
    return place.replace(".", "-").replace("_", "-")
