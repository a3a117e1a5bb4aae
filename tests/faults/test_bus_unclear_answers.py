"""What was done and not answered: asked again it is not done again, and nothing is forgotten."""

import asyncio
from collections import Counter
from email import message_from_bytes
from random import Random
from uuid import UUID, uuid4

import pytest
from pydantic import SecretStr

from deploy.native.stack import Stack
from services.billing.domain.invoice_number import InvoiceNumber
from services.billing.store.invoice_shelf import MinioShelf, ShelfUnavailable, connect
from tests.faults.extent import Extent
from tests.faults.load import Load, loaded
from tests.faults.lost_answers import (
    CHOICE_COMMIT,
    COMMIT,
    DESTRUCTION,
    DOCUMENT,
    LETTER,
    Need,
    behind,
    lose,
)
from tests.faults.proxy import proxied
from tests.faults.proxy_link import Snare
from tests.faults.whole_stack import Whole
from tests.storm.callers import Ask
from tests.storm.traffic import CREATED, _request, erase

pytestmark = pytest.mark.timeout(900)
FIRST = InvoiceNumber(2026, 1)
UUID_LENGTH = (16).to_bytes(4, "big")


@pytest.mark.parametrize("is_done", [True, False], ids=["after", "before"])
async def test_f10_connection_lost_during_commit(
    extent: Extent, whole: Whole, *, is_done: bool
) -> None:
    """Nobody can say whether a commit went through: asked again under its key, it is there once."""
    times = extent.of(4, 100)
    async with behind(whole.stack, COMMIT) as proxy:
        async with loaded(whole.stack, seed=f"f10-{is_done}") as load:
            await load.goes_on(5)
            await lose(proxy, COMMIT.mark, times, is_done=is_done)
            await load.goes_on(10)
        figure = await load.settled(in_haste=not extent.whole)
    where = "after" if is_done else "before"
    extent.saw(f"{times} commits cut off {where} they reached Postgres: {figure}")


@pytest.mark.parametrize("need", [CHOICE_COMMIT, DOCUMENT], ids=["commit", "document"])
async def test_f09_done_and_not_answered(extent: Extent, whole: Whole, need: Need) -> None:
    """A commit and a document that were kept, though nobody was told: tried again, there once."""
    times = extent.of(2, 30)
    async with behind(whole.stack, need) as proxy:
        async with loaded(whole.stack, seed=f"f09-{need.service}") as load:
            await lose(proxy, need.mark, times)
            await load.goes_on(5)
        figure = await load.settled(in_haste=not extent.whole)
    extent.saw(f"{need.service}: {times} answers lost: {figure}")


async def test_f09_letter_taken_and_not_answered(extent: Extent, whole: Whole) -> None:
    """A letter that was taken unheard is sent again as the same one: a mailbox can tell.

    Why: not each of them, as whom it was for may have been erased before the second try.
    """
    times, before = extent.of(6, 20), letters(whole.stack)
    async with behind(whole.stack, LETTER) as proxy:
        async with loaded(whole.stack, seed="f09-letter") as load:
            await lose(proxy, LETTER.mark, times)
            await load.goes_on(5)
        figure = await load.settled(in_haste=not extent.whole)
    sent = letters(whole.stack) - before
    repeated = sent.total() - len(sent)
    assert repeated
    assert None not in sent
    extent.saw(f"{times} answers lost, {repeated} letters twice under their own id: {figure}")


def letters(stack: Stack) -> Counter[str | None]:
    """How often each letter, by its id, has left our hands."""
    return Counter(
        message_from_bytes(path.read_bytes())["Message-ID"] for path in stack.mailbox.glob("*.eml")
    )


async def test_f09_key_destroyed_and_not_answered(extent: Extent, whole: Whole) -> None:
    """A key that was destroyed unheard is destroyed: the erasure goes on and says so once."""
    draw, count = Random("f09-key"), extent.of(2, 30)
    async with behind(whole.stack, DESTRUCTION) as proxy:
        async with loaded(whole.stack, seed="f09-key") as load:
            for _ in range(count):
                record = await ask_for_price(load, draw)
                asked = UUID_LENGTH + UUID(record).bytes + UUID_LENGTH
                losing = asyncio.create_task(lose(proxy, asked, 1))
                await erase(load.caller, draw, record)
                await losing
        figure = await load.settled(in_haste=not extent.whole)
    extent.saw(f"{count} destructions unheard, each erased once: {figure}")


async def ask_for_price(load: Load, draw: Random) -> str:
    """The record of a new request for a price."""
    asked = Ask(kind="quote", path="/api/quotes", body=_request(draw))
    said = await load.caller.act(asked, draw)
    assert said.status == CREATED
    return str(said.body["id"])


async def test_f09_document_erased_and_not_answered(extent: Extent, stack: Stack) -> None:
    """A document that was deleted unheard is gone: erased again, nothing is found, and it ends."""
    store = connect(
        stack.s3_endpoint,
        access_key=stack.secret("s3-access.key"),
        secret_key=SecretStr(stack.secret("s3-secret.key")),
    )
    bucket = f"unclear-{uuid4()}"
    await asyncio.to_thread(store.make_bucket, bucket)
    async with proxied(stack.ports.s3) as proxy:
        shelf = MinioShelf(
            connect(
                f"127.0.0.1:{proxy.port}",
                access_key=stack.secret("s3-access.key"),
                secret_key=SecretStr(stack.secret("s3-secret.key")),
            ),
            bucket,
        )
        await shelf.put_invoice(FIRST, b"sealed")
        proxy.snares.append(Snare(b"DELETE /", lets_pass=True))
        with pytest.raises(ShelfUnavailable):
            await shelf.erase_invoice(FIRST)
        assert proxy.snares[0].caught == 1
        assert await shelf.list_invoices() == set()
        assert await shelf.erase_invoice(FIRST) == 0
    await asyncio.to_thread(store.remove_bucket, bucket)
    extent.saw("1 deletion unheard: gone, and erased again without harm")
