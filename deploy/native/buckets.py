"""The buckets of the object store; versions stay off, because a delete marker is no erasure."""

from __future__ import annotations

from minio import Minio
from minio.error import S3Error

from deploy.native.failure import StackError
from deploy.native.stack import BUCKETS, Stack


def client(stack: Stack) -> Minio:
    """A client with the keys of this stack."""
    return Minio(
        endpoint=stack.s3_endpoint,
        access_key=stack.secret("s3-access.key"),
        secret_key=stack.secret("s3-secret.key"),
        secure=False,
        region="us-east-1",
    )


def prepare_buckets(stack: Stack) -> None:
    """Make the buckets that are missing."""
    store = client(stack)
    for name in BUCKETS:
        try:
            if not store.bucket_exists(name):
                store.make_bucket(name)
        except S3Error as error:
            raise StackError(
                what=f"Bucket {name}: {error.code}", remedy="Read logs/objects.log"
            ) from error
