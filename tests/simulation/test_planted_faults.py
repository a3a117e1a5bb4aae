"""The checkers can fail: each fault planted here breaks the promise that stands against it."""

import os
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from libs.events.values import Category, Owner, RecordKind
from libs.keyring.keys import DataKey
from libs.keyring.testing import memory_keyring
from libs.keyring.testing.memory_keyring import MemoryKeyring
from libs.policy.calendar import local_date
from services.billing.app import reactions as billing
from services.quotes.app.handlers import order_hold
from services.quotes.domain.billing_party import bill_to
from services.quotes.domain.quote import QUOTE, AcceptQuote
from services.retention.domain import clock, erasure
from services.retention.domain.clock import Held
from tests.simulation import clients
from tests.simulation.asking import Spot
from tests.simulation.exploring import Exploration, TooMany
from tests.simulation.pairs import ERASURE, HOLDS, MESSAGES, NOON, RECORD, Pair, after, offered
from tests.simulation.promises import Broken
from tests.simulation.services import POLICY
from tests.simulation.stepping import Task
from tests.simulation.sweeping import sweep_over
from tests.simulation.world import World
from tests.unit.services.quotes.examples import DETAILS

ROW = next(kind for name, kind in vars(memory_keyring).items() if name.endswith("RecordRow"))
ERASE = clients.erase(ERASURE, NOON, RECORD)


def test_an_erasure_that_forgets_one_owner_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """A certificate before billing has answered is seen."""
    monkeypatch.setattr(erasure, "OWNERS", (Owner.QUOTES, Owner.CONSENT))
    with pytest.raises(Broken, match="completed without billing"):
        sweep_over("an owner forgotten", MESSAGES["offer sent"])


def test_an_acceptance_that_makes_its_key_after_the_event_is_caught() -> None:
    """A fact that nobody could ever read is seen."""
    with pytest.raises(Broken, match=r"I8: QuoteAccepted .* before its key was made"):
        sweep_over("the fact first", Pair(offered, (accept_fact_first(), ERASE)))


def accept_fact_first() -> Task:
    """An acceptance whose fact comes before its key."""

    async def body(spot: Spot) -> None:
        party = bill_to(DETAILS, clients.PARTY)
        command = AcceptQuote(offer=1, party=party, today_on=local_date(spot.clock.now()))
        secrets = {"billing": os.urandom(32)}
        await spot.desk.handle(RECORD, command, QUOTE, secrets=secrets)
        await spot.keyring.make_keys(
            RECORD,
            kind=RecordKind.QUOTE,
            categories=[Category.BILLING],
            subject=None,
            at=spot.clock.now(),
            hold=order_hold(POLICY),
        )

    return clients.client(Owner.QUOTES, "accept, the fact first", NOON, body)


class Reminting(MemoryKeyring):
    """A keyring that forgets its fences."""

    async def make_keys(self, record: UUID, **asked: Any) -> dict[str, DataKey]:
        """Makes keys for whoever asks."""
        if row := self._shelf.records.get(record):
            row.erased_at = None
        return await super().make_keys(record, **asked)


def test_a_keyring_that_mints_again_after_a_fence_is_caught() -> None:
    """A key behind a fence is seen, whatever comes of it."""
    asked = clients.request(RECORD, NOON)
    world = World(NOON, ring=Reminting)
    again = replace(asked, name="the same request again")
    pair = Pair(lambda: after(asked, world=world), (again, ERASE))
    with pytest.raises(Broken, match=r"I7: a key .* came back"):
        sweep_over("minted again", pair)


def test_a_keyring_that_passes_over_a_hold_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """Books that are destroyed before their time are seen."""
    pair = HOLDS["hold placed late"]
    before = pair.before()
    monkeypatch.setattr(ROW, "is_held", lambda *_: False)
    with pytest.raises(Broken, match=r"I9|I10"):
        sweep_over("a hold passed over", replace(pair, before=lambda: before))


def test_an_invoice_that_does_not_hold_first_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """An invoice that nobody can read is seen."""

    async def hold_later(*_: Any, **__: Any) -> None:
        """Leaves it to the effect."""

    monkeypatch.setattr(billing, "_hold_first", hold_later)
    with pytest.raises(Broken, match="I9: billing says that it holds"):
        sweep_over("the invoice first", HOLDS["invoice after the release"])


def test_a_clock_that_forgets_a_release_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """A key that nobody would ever come for is seen."""
    real = clock._met
    monkeypatch.setattr(
        clock,
        "_met",
        lambda event, before: real(event, before if isinstance(before, Held) else None),
    )
    with pytest.raises(Broken, match=r"still has .*billing"):
        sweep_over("a release forgotten", HOLDS["hold released"])


def test_a_sweep_that_is_cut_short_fails() -> None:
    """Not to have looked everywhere is not to have found nothing."""
    pair = MESSAGES["offer sent"]
    with pytest.raises(TooMany):
        Exploration(states_max=10).run(pair.before().begin(*pair.tasks))
