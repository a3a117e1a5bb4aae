"""Ports and folders of a stack."""

from __future__ import annotations

from pathlib import Path

from deploy.native.stack import CHECKOUT, Ports, Stack


def test_ports_of_one_stack_differ() -> None:
    """No two parts of a stack ask for the same port."""
    numbers = Ports(8440).all()
    assert len(set(numbers)) == len(numbers)


def test_ports_of_stacks_a_hundred_apart_do_not_meet() -> None:
    """The test stack and the default one run side by side."""
    assert not set(Ports(8440).all()) & set(Ports(8540).all())


def test_default_gateway_port_is_8443() -> None:
    """The address printed in the README is the one that answers."""
    assert Stack.from_environment({}).gateway_url == "https://localhost:8443"


def test_relative_home_lies_in_the_checkout() -> None:
    """A stack is the same one, whichever folder the command is typed in."""
    assert Stack.from_environment({"FLUX3D_HOME": "x"}).home == CHECKOUT / "x"


def test_absolute_home_is_taken_as_it_is() -> None:
    """State can be kept anywhere."""
    assert Stack.from_environment({"FLUX3D_HOME": "/var/x"}).home == Path("/var/x")
