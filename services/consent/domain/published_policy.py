"""The policy in force: each version is published once, with the digest of its text."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from libs.events.decider import Decider
from libs.events.event import Event
from libs.events.vocabulary.consent import PolicyPublished

POLICY_RECORD = UUID("e9d4449e-fc8c-505f-bc95-1b934d8fbd40")
"""The one record of the policy's versions; it is about no person."""


@dataclass(frozen=True, kw_only=True)
class Publish:
    """This text is the policy from now on.

    Units: `digest_sha256` is the SHA-256 of the policy file, in hex.
    """

    version: str
    effective_on: date
    digest_sha256: str


State = PolicyPublished | None
"""What was published last."""


def evolve(state: State, event: Event) -> State:
    """The last publication."""
    return event if isinstance(event, PolicyPublished) else state


def decide(command: Publish, state: State) -> tuple[Event, ...]:
    """A publication when version, date or text differ from the last one.

    Shape:  the same policy again gives nothing.
    Source: clause 8.versions; D12.
    """
    published = PolicyPublished(
        policy_version=command.version,
        effective_on=command.effective_on,
        digest_sha256=command.digest_sha256,
    )
    return () if published == state else (published,)


PUBLISHED_POLICY: Decider[Publish, State] = Decider(initial=None, evolve=evolve, decide=decide)
"""How the policy's versions are decided."""
