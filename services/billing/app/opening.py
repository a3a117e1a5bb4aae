"""Opens what was sealed under the billing key of records, for as long as the key exists."""

from collections.abc import Mapping
from uuid import UUID

from libs.events.errors import Unreadable
from libs.events.seal import open_box
from libs.events.values import Category
from libs.events.vocabulary.quotes import BillingParty
from libs.keyring.keyring import Keyring
from libs.keyring.keys import DataKey
from libs.keyring.openings import Missing


async def billing_key(keyring: Keyring, record: UUID) -> DataKey | None:
    """The billing key of a record; none when it was destroyed.

    Raises: Unreadable, when there never was one: what is sealed under it was not made by us.
    """
    place = (record, str(Category.BILLING))
    answer = (await keyring.open_keys([place]))[place]
    if isinstance(answer, Missing):
        message = f"record {record} never had a billing key"
        raise Unreadable(message)
    return answer if isinstance(answer, DataKey) else None


async def open_parties(keyring: Keyring, boxes: Mapping[UUID, bytes]) -> dict[UUID, BillingParty]:
    """The billing parties that can still be read, by record; one trip to the keyring for all.

    Shape:  a record whose key was destroyed is left out.
    Raises: KeyringUnavailable, when nobody can say; that is never read as erased.
    """
    if not boxes:
        return {}
    keys = await keyring.open_keys([(record, str(Category.BILLING)) for record in boxes])
    return {
        record: open_box(boxes[record], BillingParty, record, key.secret)
        for (record, _), key in keys.items()
        if isinstance(key, DataKey)
    }
