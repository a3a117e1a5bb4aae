"""What is written twice, for the native stack and for containers, says the same."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from deploy.native.object_store_build import VERSION
from deploy.native.secret_files import make_all
from deploy.native.service_environment import gateway_environment, service_environment
from deploy.native.stack import CHECKOUT, DEPLOY, SERVICES, Ports, Stack
from deploy.native.topics import declared

BIN = Path(sys.executable).parent


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    """The services of compose.yaml."""
    text = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")
    return dict(YAML(typ="safe").load(text)["services"])


def test_compose_file_keeps_the_compose_schema() -> None:
    """The container stack is valid by the specification's own schema."""
    options = ["--builtin-schema", "vendor.compose-spec", str(DEPLOY / "compose.yaml")]
    command = [str(BIN / "check-jsonschema"), *options]
    done = subprocess.run(command, check=False, capture_output=True)
    assert done.returncode == 0, done.stdout.decode()


def test_dockerfile_is_clean() -> None:
    """The linter of Dockerfiles finds nothing to say."""
    done = subprocess.run(
        [BIN / "hadolint", DEPLOY / "Dockerfile"], check=False, capture_output=True
    )
    assert done.returncode == 0, done.stdout.decode()


def test_image_holds_one_service_and_libs_only() -> None:
    """A service that needed a neighbour's code would not start from its image."""
    recipe = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    copied = re.findall(r"^COPY (?!--)(\S+)", recipe, flags=re.MULTILINE)
    assert copied == ["pyproject.toml", "libs", "services/__init__.py", "services/$SERVICE"]


@pytest.mark.parametrize("service", SERVICES)
def test_containers_are_told_what_native_services_are_told(
    compose: dict[str, Any], service: str, tmp_path: Path
) -> None:
    """A variable added on one side is missed on the other."""
    stack = Stack(home=tmp_path, ports=Ports(9000))
    make_all(stack)
    assert compose[service]["environment"].keys() == service_environment(stack, service).keys()


def test_gateway_container_is_told_what_the_native_one_is(
    compose: dict[str, Any], tmp_path: Path
) -> None:
    """The one Caddyfile gets the same variables in both places."""
    native = gateway_environment(Stack(home=tmp_path, ports=Ports(9000)))
    assert compose["gateway"]["environment"].keys() == native.keys()


def test_versions_are_the_same(compose: dict[str, Any]) -> None:
    """What is tested natively is what the containers run."""
    pom = (DEPLOY / "kafka/pom.xml").read_text(encoding="utf-8")
    version = re.search(r"kafka_2.13</artifactId>\s*<version>([\d.]+)<", pom)
    assert version
    assert compose["kafka"]["image"] == f"apache/kafka:{version[1]}"
    assert compose["objects"]["image"] == f"versity/versitygw:{VERSION}"


def test_topics_are_the_same() -> None:
    """Topics made in containers have the settings of topics.yaml."""
    script = (DEPLOY / "kafka/make-topics.sh").read_text(encoding="utf-8")
    settings = dict(re.findall(r"--config (\S+)=(\S+)", script))
    assert all(one.configuration == settings for one in declared())
    assert {f"--partitions {one.partitions}" in script for one in declared()} == {True}


def test_each_service_owns_one_topic_that_is_kept_for_ever() -> None:
    """A view can be rebuilt from the first event, years later."""
    topics = declared()
    assert [one.owner for one in topics] == list(SERVICES)
    assert {one.configuration["retention.ms"] for one in topics} == {"-1"}


def test_every_make_target_is_one_line_and_is_explained() -> None:
    """`make` alone tells every command."""
    makefile = (CHECKOUT / "Makefile").read_text(encoding="utf-8")
    targets = re.findall(r"^([a-z-]+): +; (.*)$", makefile, flags=re.MULTILINE)
    phony = re.search(r"^\.PHONY: (.*)$", makefile, flags=re.MULTILINE)
    assert phony
    assert sorted(name for name, _ in targets) == sorted(phony[1].split())
    explained = re.findall(r"^#: +make ([a-z-]+)", makefile, flags=re.MULTILINE)
    assert sorted([*explained, "help"]) == sorted(phony[1].split())
