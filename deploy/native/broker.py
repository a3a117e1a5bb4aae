"""The broker's storage: formatted once, bound to the ports it was formatted for."""

from __future__ import annotations

from uuid import uuid4

from deploy.native.kafka_jars import jars_folder
from deploy.native.machine import java, run
from deploy.native.stack import Stack


def format_storage(stack: Stack) -> None:
    """Format the broker's folder, unless it is formatted."""
    if (stack.home / "kafka" / "meta.properties").exists():
        return
    command = [str(java()), "-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]
    logging = f"-Dlog4j2.configurationFile={stack.run / 'log4j2.properties'}"
    tool = [logging, "-cp", f"{jars_folder()}/*", "kafka.tools.StorageTool", "format"]
    options = [
        "--standalone",
        "-t",
        _cluster_id(),
        "-c",
        str(stack.run / "server.properties"),
    ]
    run(
        [*command, *tool, *options, "--ignore-formatted"],
        purpose="Formatting Kafka's storage",
    )


def _cluster_id() -> str:
    # 22 characters of base64url, as Kafka asks; hex digits are among them and never start with "-".
    return uuid4().hex[:22]
