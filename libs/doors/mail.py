"""Mail to people: plain text, handed to the SMTP server or not sent at all."""

from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

import aiosmtplib

from libs.events.errors import Refused, Unavailable

SENDER = "privacy@flux3d.example"
TIMEOUT_SECONDS = 15.0


class MessageRefused(Refused):
    """No message can be made of this address or subject; trying again will not help."""

    title = "The message cannot be made."


class Mailer:
    """Hands messages to an SMTP server."""

    def __init__(self, *, host: str = "127.0.0.1", port: int, sender: str = SENDER) -> None:
        """Send from `sender` by the server at this address."""
        self._host = host
        self._port = port
        self._sender = sender

    async def send(self, to: str, subject: str, text: str, *, message_id: str) -> None:
        """Hand the message over, or say that it was not taken.

        Shape: the same `message_id` again is the same message; a mailbox may drop the second.
        Raises: Unavailable, when the server is away or refuses; nothing was sent, try again.
        MessageRefused, when address or subject are none. Neither text holds the address.
        """
        message = self._checked_message(to, subject, text, message_id)
        try:
            await aiosmtplib.send(
                message,
                hostname=self._host,
                port=self._port,
                timeout=TIMEOUT_SECONDS,
                start_tls=False,
            )
        except (aiosmtplib.SMTPException, OSError) as error:
            # The server's own words may repeat the address, so only the kind of trouble goes on.
            trouble = type(error).__name__
            said = f"message {message_id} was not sent ({trouble}); it will be tried again"
            raise Unavailable(said) from None

    def _checked_message(self, to: str, subject: str, text: str, message_id: str) -> EmailMessage:
        try:
            return self._message(to, subject, text, message_id)
        except (ValueError, MessageError) as error:
            said = f"message {message_id} cannot be made ({type(error).__name__})"
            raise MessageRefused(said) from None

    def _message(self, to: str, subject: str, text: str, message_id: str) -> EmailMessage:
        message = EmailMessage(policy=SMTP)
        message["From"] = Address("Flux3D", addr_spec=self._sender)
        message["To"] = Address(addr_spec=to)
        message["Subject"] = subject
        message["Message-ID"] = f"<{message_id}@{self._sender.partition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(text)
        return message
