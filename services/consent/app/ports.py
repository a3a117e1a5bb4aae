"""What app needs from outside, by shape; main joins them."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol
from uuid import UUID

from libs.events.log import Answer
from libs.events.recorded import Recorded

Answering = Callable[[Recorded], Answer]
"""What a door will answer, told from the fact that is about to be kept."""


class SignsLinks(Protocol):
    """Makes tokens for links that need no account."""

    def sign(self, purpose: str, record: UUID, *, expires_at: datetime, nonce: str = "") -> str:
        """The token; the same for the same inputs."""
        ...


class SendsMail(Protocol):
    """Hands one letter to the mail server."""

    async def send(self, to: str, subject: str, text: str, *, message_id: str) -> None:
        """Send it; the id lets a repeated letter be recognised.

        Raises: Unavailable, when the server does not take it.
        """
        ...
