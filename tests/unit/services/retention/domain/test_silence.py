"""What follows when owners do not answer in time."""

from dataclasses import replace
from datetime import datetime, timedelta

from libs.events.testing.spec import spec
from libs.events.values import Category, Owner
from libs.events.vocabulary.retention import ScrubAskedAgain
from services.retention.domain.silence import SILENCE, AskAgain
from tests.unit.services.retention.facts import (
    NOW,
    OTHER,
    RECORD,
    all_answered,
    answered,
    begun,
    completed,
)

HOUR = timedelta(hours=1)
LATE = NOW + HOUR
SECOND = LATE + HOUR
ASK = AskAgain(
    record=RECORD, categories=(Category.QUOTE,), erased_at=NOW, answer_within=HOUR, at=LATE
)
OURS = (begun, answered(Owner.RETENTION))


def asked(at: datetime, next_at: datetime, *silent: Owner) -> ScrubAskedAgain:
    """The owners of the record were asked again."""
    return ScrubAskedAgain(
        record=RECORD, silent=silent, categories=(Category.QUOTE,), asked_at=at, next_at=next_at
    )


def test_silent_owners_are_asked_again_after_their_time() -> None:
    """Those that answered are left in peace."""
    once = asked(LATE, LATE + HOUR, Owner.CONSENT, Owner.BILLING)
    spec(SILENCE).given(*OURS, answered(Owner.QUOTES)).when(ASK).then(once)


def test_nobody_is_asked_before_the_time_is_over() -> None:
    """An owner has the whole of its time."""
    early = replace(ASK, at=LATE - timedelta.resolution)
    spec(SILENCE).given(*OURS).when(early).does_nothing()


def test_nobody_is_asked_before_retention_has_answered() -> None:
    """While the keyring or the journal is waited for, no owner is late."""
    spec(SILENCE).given(begun).when(ASK).does_nothing()
    spec(SILENCE).given(begun, answered(Owner.RETENTION, OTHER)).when(ASK).does_nothing()


def test_nobody_is_asked_when_all_have_answered() -> None:
    """Neither before the erasure is completed nor after."""
    answers = all_answered(RECORD)
    spec(SILENCE).given(begun, *answers).when(ASK).does_nothing()
    spec(SILENCE).given(*OURS, completed).when(ASK).does_nothing()


def test_pauses_double_up_to_a_day() -> None:
    """Who is down for long is asked less and less often, and at least daily."""
    owners = (Owner.QUOTES, Owner.CONSENT, Owner.BILLING)
    history = [*OURS, asked(LATE, SECOND, *owners)]
    spec(SILENCE).given(*history).when(
        replace(ASK, at=SECOND - timedelta.resolution)
    ).does_nothing()
    twice = asked(SECOND, SECOND + 2 * HOUR, *owners)
    spec(SILENCE).given(*history).when(replace(ASK, at=SECOND)).then(twice)
    rarely = asked(SECOND, SECOND + 20 * HOUR, *owners)
    daily = asked(SECOND + 20 * HOUR, SECOND + 44 * HOUR, *owners)
    spec(SILENCE).given(*OURS, rarely).when(replace(ASK, at=SECOND + 20 * HOUR)).then(daily)


def test_silence_for_another_record_does_not_put_this_one_off() -> None:
    """Each record of an erasure has its own askings."""
    other = replace(ASK, record=OTHER)
    spec(SILENCE).given(
        begun,
        answered(Owner.RETENTION, OTHER),
        asked(LATE, SECOND, Owner.QUOTES, Owner.CONSENT, Owner.BILLING),
    ).when(other).then(
        ScrubAskedAgain(
            record=OTHER,
            silent=(Owner.QUOTES, Owner.CONSENT, Owner.BILLING),
            categories=(Category.QUOTE,),
            asked_at=LATE,
            next_at=LATE + HOUR,
        )
    )
