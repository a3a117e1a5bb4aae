"""The course of one storm: traffic and faults, healing, draining, checks, a report."""

import asyncio
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random

from deploy.native.stack import CHECKOUT, Stack
from deploy.native.testing import running_stack
from ops.tour.operator_hand import OperatorHand
from ops.tour.telling import NotSeen
from tests.storm import (
    answering,
    bounds,
    choosing,
    conservation,
    forgetting,
    holding,
    journaling,
    terms,
    transport,
)
from tests.storm.callers import Ask, Caller
from tests.storm.dumps import Dump
from tests.storm.faults import Faults
from tests.storm.healing import drain, heal
from tests.storm.history import History
from tests.storm.keeping import HISTORY, fresh_folder, keep
from tests.storm.operating import Rebuilds
from tests.storm.progress import Stages, Tell, Watch, silent
from tests.storm.reading import read_everything
from tests.storm.report import Report
from tests.storm.sampling import Samples, disk_bytes, sample
from tests.storm.schedule import Fault, draw_schedule
from tests.storm.traffic import walk_for_ever
from tests.storm.verdict import Verdict

ASKED_MAX = 400
STOP_SECONDS = 120.0


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is to happen, until the time is over or so many operations were done."""

    seed: int
    seconds: float
    operations: int | None = None
    clients: int = 32
    faults: Sequence[Fault] = ()

    @classmethod
    def drawn(
        cls, seed: int, seconds: float, clients: int, operations: int | None = None
    ) -> "Plan":
        """The plan that a seed stands for."""
        faults = tuple(draw_schedule(seed, seconds))
        return cls(
            seed=seed, seconds=seconds, operations=operations, clients=clients, faults=faults
        )


@contextmanager
def storm_stack(name: str) -> Iterator[Stack]:
    """A whole stack of the storm's own, removed afterwards."""
    with running_stack(CHECKOUT / f".local-storm-{name}", parts="everything") as stack:
        yield stack


async def storm(stack: Stack, plan: Plan, tell: Tell = silent) -> Report:
    """Run the plan on a fresh stack; history and logs are kept where something does not hold."""
    folder = fresh_folder(plan.seed)
    history, samples = History(folder / HISTORY), Samples()
    caller = Caller(stack, history)
    faults = Faults(stack, history, caller.quiet, Random(f"details:{plan.seed}"))
    timer = Stages(tell)
    await _rage(stack, plan, caller, (faults, samples, tell))
    raged_seconds = timer.ended("raged")
    healed = await heal(stack)
    timer.ended("healed")
    drained = healed and await drain(stack, tell)
    waited_seconds = timer.ended("drained")
    dump = await read_everything(stack)
    timer.ended("read")
    verdicts = [
        *_verdicts(history, dump),
        transport.check_offsets(dump, samples.offsets),
        journaling.check_journal(dump, stack.journal, samples.heads),
        bounds.check_bounds(samples.memory_bytes, samples.queue_rows, _disk(stack, dump)),
        transport.check_liveness(dump, drained=drained, waited_seconds=waited_seconds),
        forgetting.check_gone(dump, await _ask_doors(caller, dump, plan.seed)),
    ]
    timer.ended("checked")
    verdicts.append(await asyncio.to_thread(_replayed, stack, faults.rebuilds))
    timer.ended("rebuilt")
    await caller.close()
    report = Report(
        seed=plan.seed,
        seconds=raged_seconds,
        history=history,
        toll=faults.toll,
        verdicts=verdicts,
    )
    await asyncio.to_thread(keep, folder, report, stack.logs)
    return report


async def _rage(
    stack: Stack, plan: Plan, caller: Caller, noted: tuple[Faults, Samples, Tell]
) -> None:
    faults, samples, tell = noted
    stopped = asyncio.Event()
    async with asyncio.timeout(plan.seconds + STOP_SECONDS), asyncio.TaskGroup() as group:
        group.create_task(sample(stack, samples, stopped))
        group.create_task(faults.run(plan.faults, stopped))
        for number in range(plan.clients):
            group.create_task(walk_for_ever(caller, f"{plan.seed}:{number}", stopped))
        watch = Watch(caller.history, faults.toll, tell)
        await watch.until(plan.seconds, plan.operations or sys.maxsize)
        stopped.set()


def _verdicts(history: History, dump: Dump) -> list[Verdict]:
    return [
        conservation.check_commands(history.operations, dump),
        conservation.check_effects(dump),
        conservation.check_views(dump),
        transport.check_order(dump),
        transport.check_topics(dump),
        forgetting.check_erasures(dump),
        forgetting.check_sealed(dump),
        holding.check_holds(dump),
        holding.check_decisions(dump),
        choosing.check_choices(dump),
        terms.check_terms(dump),
        answering.check_answers(history),
        answering.check_strangers(history),
        answering.check_doors(history),
        transport.check_parked(dump),
        transport.check_poison(dump),
    ]


def _disk(stack: Stack, dump: Dump) -> tuple[int, int]:
    return disk_bytes(stack.home), sum(len(one.log) for one in dump.services.values())


async def _ask_doors(caller: Caller, dump: Dump, seed: int) -> dict[str, bool]:
    """Whether the door of some quotes, erased and not, still shows a person."""
    records = sorted(row.record for row in dump.views["quote_status"])
    found: dict[str, bool] = {}
    for record in Random(seed).sample(records, min(ASKED_MAX, len(records))):
        path = f"/api/quotes/{record}"
        said = await caller.look(Ask(kind="look", path=path, role="staff"))
        found[record] = said.status != 200 or said.body["details"] is not None
    return found


def _replayed(stack: Stack, beside: Rebuilds) -> Verdict:
    """I2: every view rebuilt from its topic is the view that lives, also in the middle of it."""
    verdict = Verdict("I2", "each view rebuilt from the bus equals the live one")
    verdict.checked += beside.done.total()
    verdict.violations += beside.differing
    try:
        items = OperatorHand(stack).run("replay", "all", "--verify", accept=(0, 1))["items"]
    except NotSeen as failed:
        verdict.demand(holds=False, otherwise=str(failed))
        return verdict
    for one in items:
        name = f"{one['service']}.{one['view']}"
        verdict.demand(holds=one["equal"] is True, otherwise=f"{name} differs by a rebuild")
    return verdict
