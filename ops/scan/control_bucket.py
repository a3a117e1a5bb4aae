"""The controls in the object store: an object's bytes and metadata, and an upload left open."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO

from minio import Minio

from deploy.native.buckets import client
from deploy.native.programs import keeps_attributes
from deploy.native.stack import BUCKETS, Stack
from ops.scan import places
from ops.scan.expected import CONTROL_NAME, Expected, expected
from ops.scan.specimens import Specimen, textual

IN_METADATA = ("base64", "percent", "hex")


@contextmanager
def bucket_control(stack: Stack, found: list[Specimen]) -> Iterator[set[Expected]]:
    """An object that holds the control, for as long as the block runs."""
    store, bucket = client(stack), BUCKETS[-1]
    content = b"\n".join(raw for _, raw in found)
    written = [one for one in textual(found) if one[0] in IN_METADATA]
    metadata: dict[str, str | list[str] | tuple[str]] = {
        f"control-{number}": raw.decode() for number, (_, raw) in enumerate(written)
    }
    store.put_object(bucket, CONTROL_NAME, BytesIO(content), len(content), metadata=metadata)
    try:
        with _open_upload(store, bucket, content):
            seen = expected(places.BUCKET, found) | expected(places.PARTS, found)
            yield seen | expected(_metadata_store(stack), written)
    finally:
        store.remove_object(bucket, CONTROL_NAME)


@contextmanager
def _open_upload(store: Minio, bucket: str, content: bytes) -> Iterator[None]:
    """A part of an object that is never put together; the client has no public call for it."""
    upload = store._create_multipart_upload(bucket, CONTROL_NAME, {})  # noqa: SLF001 - see above
    try:
        store._upload_part(bucket, CONTROL_NAME, content, None, upload, 1)  # noqa: SLF001 - see above
        yield
    finally:
        store._abort_multipart_upload(bucket, CONTROL_NAME, upload)  # noqa: SLF001 - see above


def _metadata_store(stack: Stack) -> str:
    # versitygw keeps metadata in attributes, or beside the objects where there are none.
    return places.ATTRIBUTES if keeps_attributes(stack) else places.METADATA
