"""The control in the object store: in an object's bytes, its name and its metadata."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO

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
        yield expected(places.BUCKET, found) | expected(_metadata_store(stack), written)
    finally:
        store.remove_object(bucket, CONTROL_NAME)


def _metadata_store(stack: Stack) -> str:
    # versitygw keeps metadata in attributes, or beside the objects where there are none.
    return places.ATTRIBUTES if keeps_attributes(stack) else places.METADATA
