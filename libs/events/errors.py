"""Errors, sorted by what the reader should do.

FluxError
├── Refused        a rule says no; do not try again                 4xx at the doors
├── Conflict       someone was faster; load again and decide again   409 when tries run out
├── Unavailable    something outside is away; wait and try again     503 with Retry-After
└── Unreadable     the message cannot be understood; park it         400 at the doors
"""


class FluxError(Exception):
    """Any error that this system raises on purpose."""


class Refused(FluxError):
    """A rule says no; the class names the reason and the text names ids only.

    Shape: `title` is one plain sentence for people; `pointer` is the field of the request to
    blame, when it is one; `status` stays at the doors, never here.
    """

    title = "The request was refused."
    pointer: str | None = None


class NotFound(Refused):
    """Nothing is kept under that id, or it is not for this caller to see."""

    title = "Nothing is kept under this id."


class Conflict(FluxError):
    """Someone else appended to the record first; load it again and decide again."""


class Unavailable(FluxError):
    """Something outside does not answer; nothing was decided; wait and try again."""


class Unreadable(FluxError):
    """A message cannot be understood; it is to be parked with this reason."""


class NewerSchema(Unreadable):
    """A message was said in a schema that this reader does not know yet; it can be read later."""
