"""A desk in memory for the tests of what consent does: real rules, nothing outside."""

from dataclasses import dataclass, field

from libs.doors.links import Links
from libs.events.clock import FixedClock
from libs.events.handle import Desk, Stamp
from libs.events.ids import CountedIds
from libs.events.log import Answer
from libs.events.recorded import Recorded
from libs.events.testing.memory_log import MemoryLog
from libs.events.values import Owner
from libs.keyring.blind_index import BlindIndex
from libs.keyring.testing.memory_keyring import MemoryKeyring
from libs.policy.loader import load_policy
from services.consent.app.effects import Letters
from services.consent.app.handlers import Means
from services.consent.app.request_links import RequestLinks
from tests.unit.services.consent.facts import NOW

POLICY = load_policy()


@dataclass(frozen=True)
class Sent:
    """A letter as it left."""

    to: str
    subject: str
    text: str
    message_id: str


@dataclass
class Mailbox:
    """Takes letters and keeps them."""

    sent: list[Sent] = field(default_factory=list)

    async def send(self, to: str, subject: str, text: str, *, message_id: str) -> None:
        """Keep the letter."""
        self.sent.append(Sent(to, subject, text, message_id))


class Office:
    """Everything that handlers and letters work with."""

    def __init__(self) -> None:
        """Begin with nothing kept."""
        self.log = MemoryLog()
        self.mailbox = Mailbox()
        self.clock = FixedClock(NOW)
        ids = CountedIds()
        everyone = MemoryKeyring()
        self.retention = everyone
        self.means = Means(
            desk=Desk(self.log, Stamp(Owner.CONSENT, self.clock, ids)),
            keyring=everyone.as_role("consent"),
            blind_index=BlindIndex(b"b" * 32),
            policy=POLICY,
            clock=self.clock,
            ids=ids,
        )
        self.letters = Letters(
            desk=self.means.desk,
            keyring=self.means.keyring,
            mailer=self.mailbox,
            links=RequestLinks(links=Links(b"l" * 32), public_url="https://flux3d.example"),
            company=POLICY.company,
        )

    def names(self) -> list[str]:
        """The names of all facts, in order."""
        return [one.name for one in self.log.facts]


def answer(number: int = 1) -> Answer:
    """An answer under the key of that number."""
    return Answer(
        scope="test",
        key_hash=number.to_bytes(4, "big"),
        fingerprint=b"f",
        status=200,
        body="{}",
        answered_at=NOW,
    )


def answering(number: int = 1) -> "AnswerOnce":
    """What a door hands to `choose`."""
    return AnswerOnce(number)


@dataclass(frozen=True)
class AnswerOnce:
    """Answers any fact under one key."""

    number: int

    def __call__(self, _recorded: Recorded) -> Answer:
        """The answer under that key."""
        return answer(self.number)
