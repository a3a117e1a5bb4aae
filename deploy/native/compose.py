"""What deploy/compose.yaml asks of its environment, out of the same secrets as the native stack."""

from __future__ import annotations

import os

from deploy.native.stack import ROLES, Stack


def variables(stack: Stack) -> str:
    """The text of deploy/.env; it holds passwords."""
    passwords = {
        f"FLUX3D_PASSWORD_{role.upper()}": stack.secret(f"postgres-{role}.password")
        for role in ("superuser", *ROLES)
    }
    others = {
        "FLUX3D_STATE": str(stack.home),
        "FLUX3D_UID": str(os.geteuid()),
        "FLUX3D_S3_ACCESS_KEY": stack.secret("s3-access.key"),
        "FLUX3D_S3_SECRET_KEY": stack.secret("s3-secret.key"),
    }
    return "".join(f"{name}={value}\n" for name, value in (passwords | others).items())
