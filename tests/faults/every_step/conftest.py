"""The process that children are forked from, and the sweep of a flow by it."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from deploy.native.buckets import client
from deploy.native.stack import DATABASES, Stack
from deploy.native.testing import FreshDatabase
from tests.faults.every_step.children import Nursery
from tests.faults.every_step.parts import Parts, Sight
from tests.faults.every_step.sweep import Flow, Sweep
from tests.faults.extent import Extent

SweepThrough = Callable[..., Awaitable[Sweep]]


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    """One process for the run, from which every child is forked."""
    them = Nursery()
    yield them
    them.close()


@pytest.fixture
def parts(
    stack: Stack, database: Callable[[str], FreshDatabase], tmp_path: Path
) -> Iterator[Parts]:
    """Databases, a bucket, keys and a home that no other test uses."""
    shutil.copytree(stack.keys, tmp_path / "home" / "keys")
    store, bucket = client(stack), f"test-{uuid4()}"
    store.make_bucket(bucket)
    databases = {kind: database(kind) for kind in DATABASES}
    yield Parts(stack=stack, home=tmp_path / "home", databases=databases, bucket=bucket)
    for one in store.list_objects(bucket, recursive=True):
        store.remove_object(bucket, str(one.object_name))
    store.remove_bucket(bucket)


@pytest.fixture
async def sight(parts: Parts) -> AsyncIterator[Sight]:
    """The test's own look into the databases."""
    sight = Sight(parts)
    yield sight
    await sight.close()


@pytest.fixture
def sweep_through(nursery: Nursery, extent: Extent, tmp_path: Path) -> SweepThrough:
    """Sweeps a flow: some calls killed in the short form; every call, every kind in the whole.

    Shape: flows that are `alike`, each on a ground of its own, take their share of the faults.
    """

    async def through(flow: Flow, short_stride: int, *alike: Flow) -> Sweep:
        sweep = Sweep(flow, nursery, tmp_path)
        await sweep.learn()
        faults = sweep.every() if extent.whole else sweep.some(short_stride)
        with ExitStack() as opened:
            lanes = [sweep, *(_beside(sweep, one, opened, tmp_path) for one in alike)]
            shares = (faults[at :: len(lanes)] for at in range(len(lanes)))
            await asyncio.gather(*map(Sweep.befall, lanes, shares))
        failures = "failure in turn" if flow.is_long else "2 failures"
        whole = f"2 kills and {failures} at every call"
        which = whole if extent.whole else f"a kill at every {short_stride}. call"
        extent.saw(sweep.told(which, len(faults)))
        return sweep

    return through


def _beside(sweep: Sweep, flow: Flow, opened: ExitStack, folder: Path) -> Sweep:
    """The same sweep over a flow alike, with a process for its children and a folder of its own."""
    own = folder / f"beside-{uuid4()}"
    own.mkdir()
    return replace(sweep, flow=flow, nursery=opened.enter_context(closing(Nursery())), folder=own)
