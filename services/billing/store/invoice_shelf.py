"""The shelf of sealed invoices in the object store: put, read, erase every version.

The client is a synchronous one; each call runs in a thread and has a deadline of its own.
"""

import asyncio
import io
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from pydantic import SecretStr

from libs.events.errors import Unavailable
from services.billing.domain.invoice_number import InvoiceNumber, object_name

if TYPE_CHECKING:
    from minio import Minio

CONTENT_TYPE = "application/octet-stream"
DEADLINE_SECONDS = 10.0
Got = TypeVar("Got")


class ShelfUnavailable(Unavailable):
    """The object store does not answer as it should; nothing is known of the object: try again."""


def connect(endpoint: str, *, access_key: str, secret_key: SecretStr) -> "Minio":
    """A client of the object store; nothing is sent yet.

    Why: imported here, since the library is heavy and only this room needs it.
    """
    import urllib3
    from minio import Minio

    timeout = urllib3.Timeout(connect=2.0, read=DEADLINE_SECONDS)
    pool = urllib3.PoolManager(timeout=timeout, retries=False, maxsize=8)
    return Minio(
        endpoint,
        access_key=access_key,
        secret_key=secret_key.get_secret_value(),
        secure=False,
        region="us-east-1",
        http_client=pool,
    )


class MinioShelf:
    """Sealed invoices as objects `<year>/<number>.sealed` of one bucket."""

    def __init__(
        self, client: "Minio", bucket: str, *, deadline_seconds: float = DEADLINE_SECONDS
    ) -> None:
        """Keep them in this bucket, which is there already."""
        self._client = client
        self.bucket = bucket
        self._deadline_seconds = deadline_seconds

    async def put_invoice(self, number: InvoiceNumber, box: bytes) -> None:
        """Keep the sealed document; a repeat replaces it."""
        await self._in_thread(lambda: self._put(object_name(number), box))

    async def read_invoice(self, number: InvoiceNumber) -> bytes | None:
        """The sealed document, or none."""
        return await self._in_thread(lambda: self._read(object_name(number)))

    async def erase_invoice(self, number: InvoiceNumber) -> int:
        """Delete every version and every unfinished upload; gives how many there were."""
        return await self._in_thread(lambda: self._erase(object_name(number)))

    async def list_invoices(self) -> set[str]:
        """The names of all objects on the shelf."""
        return await self._in_thread(self._list)

    async def _in_thread(self, act: Callable[[], Got]) -> Got:
        """Run one call beside the loop.

        Raises: ShelfUnavailable, after the deadline or when the store answers with an error.
        """
        from minio.error import MinioException
        from urllib3.exceptions import HTTPError

        try:
            async with asyncio.timeout(self._deadline_seconds):
                return await asyncio.to_thread(act)
        except (MinioException, HTTPError, OSError) as error:
            message = f"the invoice shelf does not answer ({type(error).__name__}); try again"
            raise ShelfUnavailable(message) from error

    def _put(self, name: str, box: bytes) -> None:
        self._client.put_object(
            self.bucket, name, io.BytesIO(box), len(box), content_type=CONTENT_TYPE
        )

    def _read(self, name: str) -> bytes | None:
        from minio.error import S3Error

        try:
            response = self._client.get_object(self.bucket, name)
        except S3Error as error:
            if error.code == "NoSuchKey":
                return None
            raise
        try:
            return bytes(response.read())
        finally:
            response.close()
            response.release_conn()

    def _erase(self, name: str) -> int:
        return self._erase_versions(name) + self._abort_uploads(name)

    def _erase_versions(self, name: str) -> int:
        found = self._client.list_objects(self.bucket, name, recursive=True, include_version=True)
        versions = [one.version_id for one in found if one.object_name == name]
        for version in versions:
            self._client.remove_object(self.bucket, name, version_id=version)
        return len(versions)

    def _abort_uploads(self, name: str) -> int:
        # The client has no public way to see unfinished uploads.
        listed = self._client._list_multipart_uploads(self.bucket, prefix=name)  # noqa: SLF001 - see above
        uploads = [str(one.upload_id) for one in listed.uploads if one.object_name == name]
        for upload in uploads:
            self._client._abort_multipart_upload(self.bucket, name, upload)  # noqa: SLF001 - see above
        return len(uploads)

    def _list(self) -> set[str]:
        found = self._client.list_objects(self.bucket, recursive=True)
        return {str(one.object_name) for one in found}
