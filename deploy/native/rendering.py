"""Configuration files: the templates under deploy/ with this stack's folder and ports filled in."""

from __future__ import annotations

from pathlib import Path
from string import Template

from deploy.native.stack import DEPLOY, Stack

TEMPLATES = (
    "kafka/server.properties",
    "kafka/log4j2.properties",
    "postgres/postgresql.conf",
    "postgres/pg_hba.conf",
)


def render_all(stack: Stack) -> None:
    """Write every configuration file of the stack into its run folder."""
    for name in TEMPLATES:
        write_private(stack.run / Path(name).name, rendered(stack, name))


def rendered(stack: Stack, template: str) -> str:
    """One template with this stack's values.

    Raises: KeyError, when the template names something a stack does not have.
    """
    text = (DEPLOY / template).read_text(encoding="utf-8")
    return Template(text).substitute(_values(stack))


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read, whole or not at all."""
    fresh = path.with_name(f".{path.name}.fresh")
    fresh.unlink(missing_ok=True)
    fresh.touch(mode=0o600)
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(path)


def _values(stack: Stack) -> dict[str, str]:
    ports = stack.ports
    return {
        "home": str(stack.home),
        "postgres_port": str(ports.postgres),
        "kafka_port": str(ports.kafka),
        "kafka_controller_port": str(ports.kafka_controller),
    }
