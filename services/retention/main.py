"""Wires retention together from real parts, and runs it."""

from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import cast

from libs.backups.kept import FOLDER_NAME
from libs.events.log import EFFECTS
from libs.events.values import Owner
from libs.events.view import View
from libs.events.vocabulary.retention import ErasureBegun, OwnerScrubbed, RecordDue
from libs.keyring.backup import DumpBackup
from libs.keyring.rounds import PostgresRounds
from libs.keyring.shredding import Shredder
from libs.policy.policy import Policy
from libs.runtime.declared import Built, Declared
from libs.runtime.ground import Ground
from libs.runtime.service import run_service
from libs.runtime.timers import Timer
from services.retention.api.bus import HEARS, make_reactions
from services.retention.api.clock_doors import ClockDoors
from services.retention.api.erasure_doors import ErasureDoors
from services.retention.api.http import STATUS_OF, make_router
from services.retention.api.journal_doors import JournalDoors
from services.retention.api.shred_doors import ShredDoors
from services.retention.api.sweep_doors import SweepDoors
from services.retention.app.asking_again import AskingAgain
from services.retention.app.backups import Backups
from services.retention.app.certificate import Certifier
from services.retention.app.erase import Eraser, PolicyStamp
from services.retention.app.evidence import Checks
from services.retention.app.gauges import Gauges
from services.retention.app.handlers import StaffErasures
from services.retention.app.ports import BatchLog
from services.retention.app.reactions import Reactions
from services.retention.app.restored import Restored
from services.retention.app.shred import Shredding, Telling
from services.retention.app.sweep import Sweep, SweepLimits
from services.retention.domain.terms import Terms
from services.retention.projections import clock, erasure_progress
from services.retention.settings import RetentionSettings
from services.retention.store.clock_table import ClockReader, ClockTable, DueClaims
from services.retention.store.erasure_facts import ErasureFacts
from services.retention.store.erasure_progress_table import ErasureProgressTable, ErasureReader
from services.retention.store.known_facts import KnownFacts
from services.retention.store.sweep_state_table import SweepMemory

SHRED_LOOK_SECONDS = 2.0
BACKUPS_LOOK_SECONDS = 10.0
ASK_AGAIN_LOOK_SECONDS = 5.0
"""How soon a round that was asked for, or killed, is carried on."""

CLOCK_VIEW = View(
    name="clock", hears=clock.HEARS, fold=clock.fold, table=ClockTable(), keys=clock.keys
)
ERASURE_VIEW = View(
    name="erasure_progress",
    hears=erasure_progress.HEARS,
    fold=erasure_progress.fold,
    table=ErasureProgressTable(),
    keys=erasure_progress.keys,
)
OWED: EFFECTS = {
    RecordDue: ("begin_erasure",),
    ErasureBegun: ("destroy_keys",),
    OwnerScrubbed: ("complete_erasure",),
}
DECLARED = Declared(
    owner=Owner.RETENTION, views=(CLOCK_VIEW, ERASURE_VIEW), effects=OWED, hears=HEARS
)


def terms_of(policy: Policy) -> Terms:
    """The lengths this service goes by, from the policy."""
    terms = policy.terms
    return Terms(
        quote_without_order=terms.quote_without_order,
        ordered_quote=terms.ordered_quote,
        billing=terms.billing,
        book_year_end=policy.book_year_end,
        rights_request_answer=terms.rights_request_answer,
        rights_request_extension=terms.rights_request_extension,
        consent_validity=terms.consent_validity,
    )


@dataclass(frozen=True, kw_only=True)
class Wiring:
    """Puts retention on its ground, with what its own settings say."""

    sweep_every_seconds: float
    overdue_tolerance: timedelta
    shred_every: timedelta
    answer_within: timedelta
    backup: DumpBackup

    @classmethod
    def from_settings(cls, settings: RetentionSettings) -> "Wiring":
        """What the settings say."""
        return cls(
            sweep_every_seconds=settings.sweep_every_seconds,
            overdue_tolerance=timedelta(seconds=settings.overdue_tolerance_seconds),
            shred_every=timedelta(hours=settings.shred_every_hours),
            answer_within=timedelta(seconds=settings.answer_within_seconds),
            backup=DumpBackup(
                url=settings.keyring_backup_url.get_secret_value(),
                programs=settings.postgres_programs_dir,
                folder=settings.keyring_backups_dir,
            ),
        )

    def build(self, ground: Ground) -> Built:
        """The doors, reactions, steps of erasure, sweep and checks of this service."""
        certifier = Certifier.from_file(ground.keys_dir / "certificate-signing.pem")
        sweep, shredding = sweep_of(ground), self._shredding(ground)
        eraser = _eraser(ground, certifier)
        reactions = Reactions(terms=terms_of(ground.policy), keyring=ground.keyring)
        erasures = ErasureReader(ground.pool)
        gauges = Gauges(erasures=erasures, sweep=sweep, clock=ground.clock)
        return Built(
            router=make_router(
                _erasure_doors(ground, certifier),
                ClockDoors(reader=ClockReader(ground.pool)),
                SweepDoors(log=ground.log, ids=ground.ids, sweep=sweep),
                ShredDoors(log=ground.log, ids=ground.ids, shredding=shredding),
                _journal_doors(ground),
            ),
            refusals=STATUS_OF,
            reactions=make_reactions(reactions),
            effects={
                "begin_erasure": eraser.begin_erasure,
                "destroy_keys": eraser.destroy_keys,
                "complete_erasure": eraser.complete_erasure,
            },
            at_start=(ground.journaling.catch_up,),
            timers=(
                Timer("sweep", self.sweep_every_seconds, sweep.run_by_timer),
                Timer("shred", SHRED_LOOK_SECONDS, shredding.run_by_timer),
                Timer("ask again", ASK_AGAIN_LOOK_SECONDS, self._asking_again(ground).run),
                Timer(
                    "backups", BACKUPS_LOOK_SECONDS, partial(_backups(ground).end_overdue, sweep)
                ),
            ),
            evidence=self._checks(ground, certifier).by_name(),
            gauges=(gauges.refresh,),
        )

    def _asking_again(self, ground: Ground) -> AskingAgain:
        return AskingAgain(
            erasures=ErasureReader(ground.pool),
            log=ground.log,
            desk=ground.desk,
            clock=ground.clock,
            answer_within=self.answer_within,
        )

    def _shredding(self, ground: Ground) -> Shredding:
        rounds = PostgresRounds(ground.keyring_pool)
        shredder = Shredder(
            rounds=rounds,
            epoch_keys=ground.epoch_keys,
            backup=self.backup,
            tell=Telling(ground.desk).tell,
            clock=ground.clock,
            ids=ground.ids,
        )
        return Shredding(rounds=rounds, runner=shredder, clock=ground.clock, every=self.shred_every)

    def _checks(self, ground: Ground, certifier: Certifier) -> Checks:
        return Checks(
            clocks=ClockReader(ground.pool),
            erasures=ErasureReader(ground.pool),
            backups=_backups(ground),
            certifier=certifier,
            clock=ground.clock,
            tolerance=self.overdue_tolerance,
            answer_within=ground.policy.terms.rights_request_answer,
            shred_within=2 * self.shred_every,
        )


def sweep_of(ground: Ground) -> Sweep:
    """The sweep over this ground, within the limits of the policy."""
    limits = SweepLimits(
        clock_jump=timedelta(days=ground.policy.sweep.clock_jump_cap_days),
        records_per_run=ground.policy.sweep.records_per_run_max,
    )
    return Sweep(
        pool=ground.pool,
        log=cast("BatchLog", ground.log),
        stamp=ground.stamp,
        clock=ground.clock,
        claims=DueClaims(),
        memory=SweepMemory(ground.pool),
        limits=limits,
    )


def _eraser(ground: Ground, certifier: Certifier) -> Eraser:
    return Eraser(
        log=ground.log,
        facts=ErasureFacts(ground.pool),
        desk=ground.desk,
        keyring=ground.keyring,
        journaling=ground.journaling,
        clock=ground.clock,
        certifier=certifier,
        policy=PolicyStamp(version=ground.policy.version, digest=ground.policy.digest),
    )


def _erasure_doors(ground: Ground, certifier: Certifier) -> ErasureDoors:
    return ErasureDoors(
        clock=ground.clock,
        ids=ground.ids,
        reader=ErasureReader(ground.pool),
        erasures=StaffErasures(desk=ground.desk, log=ground.log, keyring=ground.keyring),
        certifier=certifier,
        blind_index=ground.blind_index,
        public_url=ground.public_url,
    )


def _backups(ground: Ground) -> Backups:
    term = timedelta(days=ground.policy.terms.backups.count)
    return Backups(folder=ground.home / FOLDER_NAME, term=term, clock=ground.clock)


def _journal_doors(ground: Ground) -> JournalDoors:
    restored = Restored(
        path=ground.journal, facts=KnownFacts(ground.pool), log=ground.log, desk=ground.desk
    )
    return JournalDoors(log=ground.log, ids=ground.ids, clock=ground.clock, restored=restored)


def main() -> None:
    """Run retention until it is told to stop."""
    settings = RetentionSettings()
    run_service(DECLARED, settings, Wiring.from_settings(settings).build)


if __name__ == "__main__":
    main()
