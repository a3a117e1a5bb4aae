"""Epoch keys that a PKCS#11 token makes, keeps and destroys; they never leave it.

A token is an HSM, a cloud's KMS behind its PKCS#11 library, or SoftHSM. Services wrap and unwrap by
asking it. What they get is bound and laid out as with files, so a keyring can move from one to the
other by a shred round.
Source: D8; PKCS#11 v3.0 (OASIS) §5, CKM_AES_GCM.
"""

import os
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pkcs11
from pkcs11 import Attribute, GCMParams, KeyType, Mechanism, MechanismFlag, ObjectClass
from pkcs11.exceptions import (
    GeneralError,
    KeyHandleInvalid,
    ObjectHandleInvalid,
    PKCS11Error,
    UserAlreadyLoggedIn,
)

from libs.keyring.epoch_keys import KEY_BYTES, NONCE_BYTES, EpochKeyGone, NotWrappedHere
from libs.keyring.openings import KeyringUnavailable

TAG_BITS = 128
_LABEL = re.compile(r"^flux3d-epoch-(\d{4,})$")


class TokenAway(KeyringUnavailable):
    """The token does not answer, or refuses us: nothing was read or written."""


@dataclass(frozen=True)
class Token:
    """Which token, and how to enter it."""

    module: Path
    label: str
    pin: str

    def __repr__(self) -> str:
        """Never with its PIN."""
        return f"Token({self.label!r})"


class TokenEpochKeys:
    """An `EpochVault` whose keys are objects `flux3d-epoch-0001` of a token.

    Why: an object that was destroyed is refused by its handle at once, in every process.
    """

    def __init__(self, token: Token) -> None:
        """Enter the token when it is first needed."""
        self._token = token
        self._entered: pkcs11.Session | None = None
        self._keys: dict[int, Any] = {}
        self._turn = threading.RLock()  # a session does one thing at a time, whoever asks

    def current(self) -> int:
        """The newest epoch that has an object."""
        with self._told_apart():
            labels = [str(one.label) for one in self._find({})]
        epochs = [int(found[1]) for label in labels if (found := _LABEL.match(label))]
        if not epochs:
            message = f"no epoch key is in the token {self._token.label}: make one, or mount it"
            raise EpochKeyGone(message)
        return max(epochs)

    def wrap(self, epoch: int, secret: bytes, bound_to: bytes) -> bytes:
        """Nonce and ciphertext, as long as with a file."""
        nonce = os.urandom(NONCE_BYTES)
        with self._told_apart(epoch):
            return nonce + self._encrypt(self._key(epoch), nonce, secret, bound_to)

    def unwrap(self, epoch: int, wrapped: bytes, bound_to: bytes) -> bytes:
        """The secret that was wrapped for this place."""
        nonce, locked = wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:]
        with self._told_apart(epoch):
            key = self._key(epoch)
            try:
                return self._decrypt(key, nonce, locked, bound_to)
            except GeneralError:
                self._prove(key)
        raise NotWrappedHere

    def forget_gone(self) -> None:
        """Drops every handle; those of living keys are found again."""
        self._keys.clear()

    def create(self, epoch: int) -> None:
        """Has the token make the key, unless it is there."""
        with self._told_apart():
            if self._find({Attribute.LABEL: _label(epoch)}):
                return
            self._session().generate_key(
                KeyType.AES,
                8 * KEY_BYTES,
                label=_label(epoch),
                store=True,
                capabilities=MechanismFlag.ENCRYPT | MechanismFlag.DECRYPT,
                template={Attribute.SENSITIVE: True, Attribute.EXTRACTABLE: False},
            )

    def destroy(self, epoch: int) -> None:
        """Has the token destroy the key (C_DestroyObject)."""
        self._keys.pop(epoch, None)
        with self._told_apart():
            for key in self._find({Attribute.LABEL: _label(epoch)}):
                key.destroy()

    def _session(self) -> pkcs11.Session:
        if self._entered is None:
            library = pkcs11.lib(str(self._token.module))
            token = library.get_token(token_label=self._token.label)
            try:
                self._entered = token.open(rw=True, user_pin=self._token.pin)
            except UserAlreadyLoggedIn:  # a process enters a token once for all its sessions
                self._entered = token.open(rw=True)
        return self._entered

    def _find(self, wanted: dict[Attribute, str]) -> list[Any]:
        """Secret keys of ours, all of them in hand before one is used."""
        attributes = {Attribute.CLASS: ObjectClass.SECRET_KEY, **wanted}
        return list(self._session().get_objects(attributes))

    def _key(self, epoch: int) -> Any:
        if epoch not in self._keys:
            found = self._find({Attribute.LABEL: _label(epoch)})
            if not found:
                raise _gone(epoch, self._token.label)
            self._keys[epoch] = found[0]
        return self._keys[epoch]

    @contextmanager
    def _told_apart(self, epoch: int | None = None) -> Iterator[None]:
        """One caller at a time, and a key that is gone told from a token that is away."""
        try:
            with self._turn:
                yield
        except (ObjectHandleInvalid, KeyHandleInvalid) as error:
            self._keys.pop(epoch or 0, None)
            raise _gone(epoch, self._token.label) from error
        except PKCS11Error as error:
            self._entered = None
            self._keys.clear()
            message = f"the token does not answer ({type(error).__name__}): wait and try again"
            raise TokenAway(message) from error

    def _prove(self, key: Any) -> None:
        """Returns when the token and the key work, so that what did not open was the bytes' fault.

        Why: a token says of forged bytes and of its own trouble the same: general error.
        """
        nonce = os.urandom(NONCE_BYTES)
        self._decrypt(key, nonce, self._encrypt(key, nonce, b"proof", b""), b"")

    def _encrypt(self, key: Any, nonce: bytes, secret: bytes, bound: bytes) -> bytes:
        parameters = GCMParams(nonce, bound, TAG_BITS)
        return bytes(key.encrypt(secret, mechanism=Mechanism.AES_GCM, mechanism_param=parameters))

    def _decrypt(self, key: Any, nonce: bytes, locked: bytes, bound: bytes) -> bytes:
        parameters = GCMParams(nonce, bound, TAG_BITS)
        return bytes(key.decrypt(locked, mechanism=Mechanism.AES_GCM, mechanism_param=parameters))


def _label(epoch: int) -> str:
    return f"flux3d-epoch-{epoch:04d}"


def _gone(epoch: int | None, token: str) -> EpochKeyGone:
    message = f"the key of epoch {epoch} is not in the token {token}: nothing was read"
    return EpochKeyGone(message)
