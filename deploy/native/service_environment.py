"""What services and their gateway are told when they start; written here and nowhere else."""

from __future__ import annotations

from deploy.native.postgres_install import programs
from deploy.native.stack import KEYRING_BACKUP, SERVICES, Stack

WITH_OBJECTS = ("billing",)
SHREDS = "retention"
WIPING = {
    "PYTHONMALLOC": "malloc",
    "MALLOC_PERTURB_": "85",
    "GLIBC_TUNABLES": "glibc.malloc.tcache_count=0",
}
"""Has the C library write over memory when it is freed, and Python ask it for all of its own.

Why:    what a request brought, or a destroyed key, would lie in freed memory until somebody
        needs that place; `flux3d scan --memory` looks. Measured price: up to 30 % of the time.
Source: mallopt(3), M_PERTURB; glibc manual, Memory Allocation Tunables (what lies in the thread's
        cache is freed without being written over, so there is none).
"""
WIPING_IN_GO = {"GODEBUG": "clobberfree=1"}
"""Has the gateway write over what its collector frees. Source: Go, package runtime, GODEBUG."""


def service_environment(stack: Stack, service: str) -> dict[str, str]:
    """The variables of one service; passwords among them, so they go into private files only."""
    common = {
        "FLUX3D_HOME": str(stack.home),
        "FLUX3D_ENVIRONMENT": "development",
        "FLUX3D_CLOCK": stack.clock,
        "FLUX3D_ROLE": "all",
    }
    own = _own(stack, service) | (_objects(stack) if service in WITH_OBJECTS else {})
    own |= _keyring_backup(stack) if service == SHREDS else {}
    return (
        WIPING | common | {f"FLUX3D_{service.upper()}_{name}": value for name, value in own.items()}
    )


def doors_environment(stack: Stack, service: str) -> dict[str, str]:
    """The same for a process that is the service's doors only, and wakes the other by its port."""
    name = f"FLUX3D_{service.upper()}"
    return service_environment(stack, service) | {
        "FLUX3D_ROLE": "http",
        f"{name}_HTTP_PORT": str(stack.ports.doors(service)),
        f"{name}_WAKES_PORT": str(stack.ports.service(service)),
    }


def _own(stack: Stack, service: str) -> dict[str, str]:
    return {
        "HTTP_PORT": str(stack.ports.service(service)),
        "DATABASE_URL": stack.database_url(service, service),
        "KEYRING_URL": stack.database_url(service, "keyring"),
        "KAFKA_SERVERS": stack.kafka_servers,
        "PUBLIC_URL": stack.gateway_url,
        "SMTP_PORT": str(stack.ports.smtp),
        "KEYS_DIR": str(stack.keys),
        "SECRETS_DIR": str(stack.secrets),
    }


def _keyring_backup(stack: Stack) -> dict[str, str]:
    return {
        "KEYRING_BACKUP_URL": stack.database_url(KEYRING_BACKUP, "keyring"),
        "KEYRING_BACKUPS_DIR": str(stack.keyring_backups),
        "POSTGRES_PROGRAMS_DIR": str(programs()),
    }


def _objects(stack: Stack) -> dict[str, str]:
    return {
        "S3_ENDPOINT": stack.s3_endpoint,
        "S3_ACCESS_KEY": stack.secret("s3-access.key"),
        "S3_SECRET_KEY": stack.secret("s3-secret.key"),
    }


def gateway_environment(stack: Stack) -> dict[str, str]:
    """What the gateway's configuration asks of its environment."""
    services = {
        f"FLUX3D_{name.upper()}_HTTP_PORT": str(stack.doors_port(name)) for name in SERVICES
    }
    return (
        services
        | WIPING_IN_GO
        | {
            "FLUX3D_GATEWAY_PORT": str(stack.ports.gateway),
            "FLUX3D_GATEWAY_BIND": "127.0.0.1",
            "FLUX3D_GATEWAY_STORAGE": str(stack.home / "caddy"),
            "FLUX3D_GATEWAY_ACCESS_LOG": str(stack.logs / "gateway-access.log"),
        }
    )
