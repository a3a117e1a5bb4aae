"""The ways retention says no."""

from libs.events.errors import NotFound, Refused


class RecordUnknown(NotFound):
    """No clock ever ran for this record, or its creation was not heard of yet."""

    title = "Retention knows no record with this id."


class ErasureUnknown(NotFound):
    """No erasure was begun under this id."""

    title = "No erasure was begun under this id."


class CertificateNotReady(NotFound):
    """The erasure is still under way: there is a certificate once every owner has answered."""

    title = "The erasure is not finished: its certificate comes with the last answer."


class AddendumNotReady(NotFound):
    """No shred round has covered the erasure yet, or it destroyed nothing."""

    title = "There is no addendum yet: it comes with the shred round that covers this erasure."


class RecordNotOfErasure(Refused):
    """An owner answered for a record that this erasure does not reach."""

    title = "This erasure does not reach that record."


class SweepStopped(Refused):
    """The clock jumped further than the policy allows without an operator looking at it."""

    title = "The sweep is stopped: the clock jumped; an operator has to confirm it first."
