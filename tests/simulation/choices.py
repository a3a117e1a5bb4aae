"""Choices of one visitor from two devices, and beside an erasure of the person who made them."""

from libs.events.values import Category, Owner, RecordKind
from libs.events.vocabulary.consent import ConsentChanged
from tests.simulation import clients
from tests.simulation.chance import VISITOR
from tests.simulation.course import Course
from tests.simulation.exploring import drained
from tests.simulation.pairs import ERASURE, LATER, NOON, RECORD, SECOND, Pair, after
from tests.simulation.promises import Broken
from tests.simulation.services import BLIND_INDEX
from tests.simulation.world import World, at_once

INDEX = BLIND_INDEX.of_visitor(str(VISITOR))
FIRST = clients.choose(VISITOR, NOON, name="first choice")
FIRST_RECORD = FIRST.spot().ids.new()
"""The record that the first choice of a visitor begins; ids follow from the name of the work."""


def counting(world: World) -> ConsentChanged | None:
    """The choice that counts: the last fact of the record that the keyring names."""
    record = at_once(world.keyring(Owner.CONSENT).find_record(INDEX, RecordKind.CHOICES))
    story = world.story(Owner.CONSENT, record) if record else ()
    made = [one.event for one in story if isinstance(one.event, ConsentChanged)]
    return made[-1] if made else None


def last_word_counts(course: Course) -> None:
    """I11: whatever was done at once, a choice that is made afterwards is the one that counts.

    Raises: Broken.
    """
    for number, answer in enumerate((False, True)):
        said = clients.choose(VISITOR, NOON + LATER, name=f"last word {number}", marketing=answer)
        course = drained(Course(course.world.copied()).begin(said))
        counts = counting(course.world)
        if counts is None or counts.marketing is not answer:
            message = f"I11: the last word was {answer}, and what counts is {counts}"
            raise Broken(message)


def nothing_links_the_erased_choices(course: Course) -> None:
    """I6: erased choices name nobody, nobody's erasure by address reaches a visitor's other ones.

    Raises: Broken.
    """
    row = course.world.shelf.records[FIRST_RECORD]
    if row.subject is not None or Category.CONSENT not in row.fences:
        message = f"I6: the erased choices {FIRST_RECORD} can still be had or linked: {row!r}"
        raise Broken(message)
    last_word_counts(course)


def chosen_and_asked() -> Course:
    """A visitor who chose without a name, and then asked for a price."""
    return after(FIRST, clients.request(RECORD, NOON))


CHOICES: dict[str, Pair] = {
    "two devices at once": Pair(
        lambda: Course(World(NOON)),
        (
            FIRST,
            clients.choose(VISITOR, NOON, name="other device", marketing=False),
            clients.choose(VISITOR, NOON, name="first device again", marketing=False),
        ),
        at_end=last_word_counts,
    ),
    "withdrawn on one device, given on another": Pair(
        lambda: after(FIRST),
        (
            clients.choose(VISITOR, NOON, name="other device", marketing=False),
            clients.choose(VISITOR, NOON, name="first device again"),
        ),
        at_end=last_word_counts,
    ),
    "choice while it is erased with the person": Pair(
        chosen_and_asked,
        (
            clients.erase_person(ERASURE, NOON),
            clients.erase(SECOND, NOON, FIRST_RECORD),
            clients.choose(VISITOR, NOON, name="chosen again", marketing=False),
        ),
        ("quotes hears", "billing hears", "retention hears quotes", "retention hears billing"),
        at_end=nothing_links_the_erased_choices,
    ),
}
"""Choices against each other and against an erasure."""
