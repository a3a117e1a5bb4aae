"""Takes back what choices and rights requests left behind that were begun and never recorded."""

from libs.keyring.unused_keys import UnusedKeys
from services.consent.app.handlers import Means
from services.consent.domain.abandoning import ABANDONING, Abandon


def unused_keys(means: Means) -> UnusedKeys:
    """Finds records of which only the key was made, and says that nothing came of them."""
    return UnusedKeys(
        means.keyring,
        means.desk.log,
        means.clock,
        abandon=lambda record: means.desk.handle(record, Abandon(), ABANDONING),
    )
