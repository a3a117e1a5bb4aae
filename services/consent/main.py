"""Wires consent together from real parts, and runs it."""

from dataclasses import dataclass

from prometheus_client import Gauge

from libs.doors.mail import Mailer
from libs.events.values import Owner
from libs.events.view import View, by_event
from libs.policy.calendar import local_date
from libs.runtime.declared import Built, Declared
from libs.runtime.ground import Ground
from libs.runtime.service import run_service
from libs.runtime.timers import Timer
from services.consent.api.bus import HEARS, make_reactions
from services.consent.api.choice_doors import ChoiceDoors
from services.consent.api.history_doors import HistoryDoors
from services.consent.api.http import STATUS_OF, make_router
from services.consent.api.request_doors import RequestDoors
from services.consent.app.abandoned import unused_keys
from services.consent.app.effects import MAIL_CONFIRMATION, MAIL_OUTCOME, OWED, Letters
from services.consent.app.handlers import Means, publish_policy
from services.consent.app.ports import SendsMail
from services.consent.app.request_links import RequestLinks
from services.consent.projections import (
    choice_now,
    consent_history,
    policy_version,
    rights_request,
)
from services.consent.settings import ConsentSettings
from services.consent.store.choice_now_table import ChoiceNowTable
from services.consent.store.consent_history_table import ConsentHistoryTable
from services.consent.store.evidence_checks import EvidenceChecks
from services.consent.store.policy_version_table import PolicyVersionTable
from services.consent.store.readers import ConsentReader
from services.consent.store.rights_request_table import RightsRequestTable

CHOICE_NOW = View(
    name="choice_now",
    hears=choice_now.HEARS,
    fold=choice_now.fold,
    table=ChoiceNowTable(),
)
CONSENT_HISTORY = View(
    name="consent_history",
    hears=consent_history.HEARS,
    fold=consent_history.fold,
    table=ConsentHistoryTable(),
    keys=by_event,
    is_history=True,
)
RIGHTS_REQUEST = View(
    name="rights_request",
    hears=rights_request.HEARS,
    fold=rights_request.fold,
    table=RightsRequestTable(),
)
POLICY_VERSION = View(
    name="policy_version",
    hears=policy_version.HEARS,
    fold=policy_version.fold,
    table=PolicyVersionTable(),
    keys=by_event,
    is_history=True,
)
DECLARED = Declared(
    owner=Owner.CONSENT,
    views=(CHOICE_NOW, CONSENT_HISTORY, RIGHTS_REQUEST, POLICY_VERSION),
    effects=OWED,
    hears=HEARS,
)
OPEN_REQUESTS = Gauge("flux3d_rights_requests_open", "Rights requests confirmed, not answered.")
LATE_REQUESTS = Gauge("flux3d_rights_requests_late", "Open rights requests past their last day.")


@dataclass(frozen=True, kw_only=True)
class Wiring:
    """Puts consent on its ground, with what its own settings say."""

    mailer: SendsMail
    abandoned_every_seconds: float = 180.0

    def build(self, ground: Ground) -> Built:
        """The doors, reactions, letters and checks of this service."""
        means = _means(ground)
        reader = ConsentReader(ground.pool)
        links = RequestLinks(links=ground.links, public_url=ground.public_url)
        checks = EvidenceChecks(pool=ground.pool, clock=ground.clock, policy=ground.policy)
        letters = self._letters(ground, links)
        requests = RequestDoors(means=means, reader=reader, links=ground.links, request_links=links)
        return Built(
            router=make_router(
                ChoiceDoors(means=means, reader=reader),
                HistoryDoors(means=means, reader=reader),
                requests,
            ),
            refusals=STATUS_OF,
            reactions=make_reactions(ground.keyring),
            effects={
                MAIL_CONFIRMATION: letters.mail_confirmation,
                MAIL_OUTCOME: letters.mail_outcome,
            },
            timers=(self._letting_go(means),),
            at_start=(lambda: publish_policy(means),),
            evidence=checks.by_name(),
            gauges=(lambda: _refresh_gauges(means, reader),),
        )

    def _letting_go(self, means: Means) -> Timer:
        return Timer(
            name="let_go_of_unused_keys",
            every_seconds=self.abandoned_every_seconds,
            run=unused_keys(means).let_go,
        )

    def _letters(self, ground: Ground, links: RequestLinks) -> Letters:
        return Letters(
            desk=ground.desk,
            keyring=ground.keyring,
            mailer=self.mailer,
            links=links,
            company=ground.policy.company,
        )


def _means(ground: Ground) -> Means:
    return Means(
        desk=ground.desk,
        keyring=ground.keyring,
        blind_index=ground.blind_index,
        policy=ground.policy,
        clock=ground.clock,
        ids=ground.ids,
    )


async def _refresh_gauges(means: Means, reader: ConsentReader) -> None:
    waiting, late = await reader.count_open_requests(local_date(means.clock.now()))
    OPEN_REQUESTS.set(waiting)
    LATE_REQUESTS.set(late)


def main() -> None:
    """Run consent until it is told to stop."""
    settings = ConsentSettings()
    wiring = Wiring(
        mailer=Mailer(port=settings.smtp_port),
        abandoned_every_seconds=settings.abandoned_every_seconds,
    )
    run_service(DECLARED, settings, wiring.build)


if __name__ == "__main__":
    main()
