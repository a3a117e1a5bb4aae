"""Tells whether what lies in the place of an address is a box sealed for that place."""

import base64
import binascii
from uuid import UUID

from libs.events.errors import Unreadable
from libs.events.seal import read_header
from libs.events.values import Category
from libs.events.vocabulary.consent import RightsRequestReceived

_PLACE = (RightsRequestReceived.__name__, "requester", str(Category.RIGHTS_REQUEST))


def is_log_box(head: str | None, event_id: UUID) -> bool:
    """Whether this is the beginning of a box of that event, as the log writes it.

    Units: base64url text, cut at a multiple of four characters.
    """
    try:
        box = base64.b64decode(head or "", altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return False
    return is_view_box(box, event_id)


def is_view_box(head: bytes, event_id: UUID) -> bool:
    """Whether this is the beginning of a box of that event."""
    try:
        header, _ = read_header(head)
    except Unreadable:
        return False
    return (header.name, header.part, header.category) == _PLACE and header.event_id == event_id
