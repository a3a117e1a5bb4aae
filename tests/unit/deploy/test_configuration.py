"""What is written for the supervisor and for the services."""

from __future__ import annotations

from configparser import RawConfigParser
from pathlib import Path

import pytest

from deploy.native.compose import variables
from deploy.native.programs import BARE, RANKS, Program
from deploy.native.rendering import TEMPLATES, rendered
from deploy.native.secret_files import make_all
from deploy.native.service_environment import service_environment
from deploy.native.stack import KEYRING_BACKUP, ROLES, SERVICES, Ports, Stack
from deploy.native.supervisor_configuration import configuration


@pytest.fixture
def prepared(tmp_path: Path) -> Stack:
    """A stack with secrets and nothing running."""
    one = Stack(home=tmp_path, ports=Ports(9000))
    make_all(one)
    return one


@pytest.mark.parametrize("template", TEMPLATES)
def test_template_has_no_gap(prepared: Stack, template: str) -> None:
    """Every name in a template is one that a stack has."""
    assert rendered(prepared, template)


@pytest.mark.parametrize("service", SERVICES)
def test_service_is_told_no_neighbours_password(prepared: Stack, service: str) -> None:
    """What a service knows lets it in where it belongs and nowhere else."""
    told = " ".join(service_environment(prepared, service).values())
    own = (service, KEYRING_BACKUP) if service == "retention" else (service,)
    others = [role for role in ("superuser", *ROLES) if role not in own]
    assert not [one for one in others if prepared.secret(f"postgres-{one}.password") in told]


@pytest.mark.parametrize("service", ["quotes", "consent", "retention"])
def test_service_without_objects_has_no_keys_to_the_bucket(prepared: Stack, service: str) -> None:
    """Only billing reaches the object store."""
    assert not [name for name in service_environment(prepared, service) if "_S3_" in name]


def test_percent_sign_survives_the_supervisor(prepared: Stack) -> None:
    """The supervisor expands percent signs; ours must arrive as they were."""
    program = Program("mail", ("/bin/echo", "100%"), environment={"A": "%(B)s"})
    parser = RawConfigParser()
    parser.read_string(configuration(prepared, [program], at_once=()))
    assert parser["program:mail"]["command"] == "/bin/echo 100%%"


def test_only_named_programs_start_with_the_supervisor(prepared: Stack) -> None:
    """Services wait until there is something to connect to."""
    parser = RawConfigParser()
    both = [Program("mail", ("/bin/true",)), Program("quotes", ("/bin/true",))]
    parser.read_string(configuration(prepared, both, at_once=("mail",)))
    starts = [parser[f"program:{name}"]["autostart"] for name in ("mail", "quotes")]
    assert starts == ["true", "false"]


def test_services_stop_before_what_they_stand_on() -> None:
    """A service that stops after Kafka cannot leave its group, and the next start waits for it."""
    servers = max(RANKS[name] for name in BARE)
    assert all(servers < RANKS[name] < RANKS["gateway"] for name in SERVICES)


def test_compose_gets_every_password(prepared: Stack) -> None:
    """No variable that compose insists on is left out."""
    text = variables(prepared)
    wanted = [f"FLUX3D_PASSWORD_{role.upper()}=" for role in ("superuser", *ROLES)]
    assert not [name for name in wanted if name not in text]
