"""The ways consent says no."""

from libs.events.errors import NotFound, Refused


class ChoicesErased(Refused):
    """The record of these choices was erased; a returning visitor begins a new one."""

    title = "These choices were erased."


class NoChoiceKept(NotFound):
    """No choice of this visitor is kept, or none was made by then."""

    title = "No choice of this visitor is kept for that moment."


class NoSuchRequest(NotFound):
    """No rights request is kept under this id."""

    title = "No rights request is kept under this id."


class RequestAlreadyConfirmed(Refused):
    """The link was used before; a confirmation counts once."""

    title = "This request was confirmed before; the link works once."


class RequestLate(Refused):
    """The request was not confirmed before its date; a new one can be made at any time."""

    title = "This request was not confirmed in time; please make a new one."


class RequestedTooOften(Refused):
    """Enough requests were made from this address for a day; each has its letter.

    Shape: the same answer for every address, known here or not.
    """

    title = "Too many rights requests were made from this address."
    retry_after_seconds = 86_400


class RequestClosed(Refused):
    """The request was erased together with the address behind it."""

    title = "This request is closed and its address erased."
