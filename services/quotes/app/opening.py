"""Opens the personal part of quotes, for as long as its key exists."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from libs.events.recorded import Recorded
from libs.events.seal import open_box
from libs.events.values import Category
from libs.events.vocabulary.quotes import QuoteDetails, QuoteRequested
from libs.keyring.keyring import Keyring
from libs.keyring.keys import DataKey


async def open_details(keyring: Keyring, boxes: Mapping[UUID, bytes]) -> dict[UUID, QuoteDetails]:
    """The details that can still be read, by record; one trip to the keyring for all.

    Shape:  a record whose key was destroyed is left out.
    Raises: KeyringUnavailable, when nobody can say; that is never read as erased.
    """
    if not boxes:
        return {}
    keys = await keyring.open_keys([(record, Category.QUOTE) for record in boxes])
    return {
        record: open_box(boxes[record], QuoteDetails, record, key.secret)
        for (record, _), key in keys.items()
        if isinstance(key, DataKey)
    }


async def details_in(keyring: Keyring, history: Sequence[Recorded]) -> QuoteDetails | None:
    """Who asked and what for, from the facts of one record; none when it was erased."""
    boxes = {
        one.record: one.event.details.box
        for one in history
        if isinstance(one.event, QuoteRequested)
    }
    opened = await open_details(keyring, boxes)
    return next(iter(opened.values()), None)
