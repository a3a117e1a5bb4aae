"""The ways a door itself says no, before any rule of a service is asked.

Refused
├── NotSignedIn         no token, or one that cannot be trusted          401
├── RoleMissing         the token is good, its roles are not             403
├── LinkRefused         the link is for something else, or over          403
│   └── LinkForged      the link was not made here                       401
├── KeyMissing          a write without a usable Idempotency-Key         400
├── KeyReused           the same key with another request                422
└── CursorRefused       a cursor that was not made for this list         400
"""

from libs.events.errors import Refused


class NotSignedIn(Refused):
    """No token came along, or one that cannot be trusted."""

    title = "This call needs a valid token."


class RoleMissing(Refused):
    """The caller is known and may not do this."""

    title = "Your role does not allow this."


class LinkRefused(Refused):
    """The link is genuine, but over, or meant for something else."""

    title = "This link cannot be used here."


class LinkForged(LinkRefused):
    """The link was not made here, or was changed on its way."""

    title = "This link is not valid."


class KeyMissing(Refused):
    """A write came without an idempotency key that can be used."""

    title = "A write needs an Idempotency-Key header."
    pointer = "/header/idempotency-key"


class KeyReused(Refused):
    """The same idempotency key came with another request."""

    title = "This Idempotency-Key was used for another request."
    pointer = "/header/idempotency-key"


class CursorRefused(Refused):
    """The cursor was not made for this list."""

    title = "This cursor does not belong to this list."
    pointer = "/query/cursor"
