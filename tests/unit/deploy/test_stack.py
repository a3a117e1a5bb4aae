"""Ports and folders of a stack."""

from __future__ import annotations

from pathlib import Path

import pytest

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


def test_own_doors_are_where_the_gateway_looks() -> None:
    """The gateway asks the process that has the doors, and only busy services have such a one."""
    shared, own = (Stack.from_environment({"FLUX3D_DOORS": kind}) for kind in ("shared", "own"))
    assert shared.doors_port("quotes") == shared.ports.service("quotes")
    assert own.doors_port("quotes") == own.ports.doors("quotes")
    assert own.doors_port("billing") == own.ports.service("billing")
    assert shared.own_doors_of(("quotes",)) == ()
    assert own.own_doors_of(("billing", "quotes")) == ("quotes-doors",)


def test_doors_of_another_kind_are_refused() -> None:
    """A misspelt setting is told, not guessed."""
    with pytest.raises(ValueError, match="FLUX3D_DOORS is shared or own, not 'onw'"):
        Stack.from_environment({"FLUX3D_DOORS": "onw"})
