"""Statements that travel as one keep their arguments."""

from libs.events.together import together
from libs.events.view import Statement

MAIN = Statement("-- What it does.\nwith a as (select $1, $2) select * from a", [1, 2])


def test_arguments_are_counted_on() -> None:
    """Each statement's `$1` means its own first argument, also with more than nine of them."""
    many = Statement("insert into t select $1, $11", list(range(11)))
    text, arguments = together(MAIN, many, Statement("insert into u select $2, $1", ["x", "y"]))
    assert text == (
        "-- What it does.\n"
        "with beside_0 as (\ninsert into t select $3, $13\n),\n"
        "beside_1 as (\ninsert into u select $15, $14\n), a as (select $1, $2) select * from a"
    )
    assert arguments == [1, 2, *range(11), "x", "y"]


def test_a_statement_alone_stays_as_it_is() -> None:
    """Nothing is changed where nothing is added."""
    assert together(MAIN) == MAIN
