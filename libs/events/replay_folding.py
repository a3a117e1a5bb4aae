"""Folds what is read of a topic into the twin of a view, the reading never waiting for Postgres."""

import asyncio
from typing import Any

from libs.events.replay_run import Run
from libs.events.replay_shadow import Shadow
from libs.events.replay_topic import Stretch
from libs.events.view import View


async def fold_stretch(run: Run, view: View[Any], shadow: Shadow, stretch: Stretch) -> None:
    """Fold the stretch in order; while one batch goes into the twin the next one is read.

    Raises: ReplayRefused, when a fact is missing; ReplayCancelled.
    """
    run.begin(stretch.total)
    folding: asyncio.Task[None] | None = None
    try:
        async for readings in stretch.batches(run.hand):
            facts = run.seen.fresh(readings)
            if folding is not None:
                await folding
            folding = asyncio.create_task(shadow.fold(facts))
            run.add(len(readings), facts, view)
    finally:
        if folding is not None:
            await asyncio.wait([folding])
    if folding is not None:
        folding.result()
