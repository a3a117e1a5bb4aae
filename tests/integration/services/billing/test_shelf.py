"""The shelf of sealed invoices, on the real object store."""

import io

import pytest
from minio import Minio
from pydantic import SecretStr

from services.billing.domain.invoice_number import InvoiceNumber
from services.billing.store.invoice_shelf import MinioShelf, ShelfUnavailable, connect

FIRST, SECOND = InvoiceNumber(2026, 1), InvoiceNumber(2026, 2)


@pytest.fixture
def shelf(store: Minio, bucket: str) -> MinioShelf:
    """An empty shelf."""
    return MinioShelf(store, bucket)


async def test_what_was_put_is_read(shelf: MinioShelf) -> None:
    """The bytes come back as they were."""
    await shelf.put_invoice(FIRST, b"sealed")
    assert await shelf.read_invoice(FIRST) == b"sealed"


async def test_nothing_there_is_none(shelf: MinioShelf) -> None:
    """A document that was never put is none, not an error."""
    assert await shelf.read_invoice(FIRST) is None


@pytest.mark.policy("6.erasure")
async def test_erased_object_is_gone_alone(shelf: MinioShelf) -> None:
    """One number is erased, its neighbour stays, and a repeat finds nothing."""
    await shelf.put_invoice(FIRST, b"sealed")
    await shelf.put_invoice(SECOND, b"sealed")
    erased = [await shelf.erase_invoice(FIRST), await shelf.erase_invoice(FIRST)]
    assert (erased, await shelf.list_invoices()) == ([1, 0], {"2026/2026-000002.sealed"})


@pytest.mark.policy("6.erasure")
async def test_unfinished_upload_is_erased_too(shelf: MinioShelf, store: Minio) -> None:
    """What was begun and never completed goes with the object."""
    name = "2026/2026-000001.sealed"
    upload = store._create_multipart_upload(shelf.bucket, name, {})
    store._upload_part(shelf.bucket, name, b"half", None, upload, 1)
    erased = await shelf.erase_invoice(FIRST)
    left = store._list_multipart_uploads(shelf.bucket, prefix=name).uploads
    assert (erased, left) == (1, [])


async def test_longer_name_is_not_taken_along(shelf: MinioShelf, store: Minio) -> None:
    """Only the object of exactly this number is erased."""
    store.put_object(shelf.bucket, "2026/2026-000001.sealed.old", io.BytesIO(b"x"), 1)
    assert (await shelf.erase_invoice(FIRST), len(await shelf.list_invoices())) == (0, 1)


async def test_store_that_is_away_is_no_empty_shelf() -> None:
    """When nobody answers, nobody is told that there is nothing."""
    nowhere = connect("127.0.0.1:9", access_key="none", secret_key=SecretStr("none"))
    with pytest.raises(ShelfUnavailable):
        await MinioShelf(nowhere, "invoices").read_invoice(FIRST)
