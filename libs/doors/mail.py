"""Mail to people: plain text, handed to the SMTP server or not sent at all."""

import asyncio
import re
from email.charset import QP, Charset
from email.header import Header
from email.message import Message
from email.policy import compat32

import aiosmtplib
import structlog

from libs.events.errors import Refused, Unavailable

LOG = structlog.get_logger("doors")
SENDER = "privacy@flux3d.example"
TIMEOUT_SECONDS = 15.0
FAREWELL_SECONDS = 2.0
SESSIONS_MAX = 4
OWN_NAME = "flux3d.example"
"""Said to the server; the machine's own would be asked of the network for each session."""

_ADDRESS = re.compile(r"[^\s<>()\[\],;:\\\"@]+@[^\s<>()\[\],;:\\\"@]+", re.ASCII)
_LINE = re.compile(r"[^\x00-\x1f\x7f]+")
_CRLF = compat32.clone(linesep="\r\n")
_UTF_8 = Charset("utf-8")
_UTF_8.body_encoding = QP


class MessageRefused(Refused):
    """No message can be made of this address or subject; trying again will not help."""

    title = "The message cannot be made."


class Mailer:
    """Hands messages to an SMTP server.

    Shape: a message that waits goes by the session of one that went; with the last it ends.
    """

    def __init__(self, *, host: str = "127.0.0.1", port: int, sender: str = SENDER) -> None:
        """Send from `sender` by the server at this address."""
        self._host = host
        self._port = port
        self._sender = sender
        self._turns = asyncio.Semaphore(SESSIONS_MAX)
        self._free: list[aiosmtplib.SMTP] = []
        self._senders = 0

    async def send(self, to: str, subject: str, text: str, *, message_id: str) -> None:
        """Hand the message over, or say that it was not taken.

        Shape: the same `message_id` again is the same message; a mailbox may drop the second.
        Raises: Unavailable, when the server is away or refuses; nothing was sent, try again.
        MessageRefused, when address or subject are none. Neither text holds the address.
        """
        _check(to, subject, message_id)
        message = self._message(to, subject, text, message_id)
        self._senders += 1
        try:
            async with self._turns:
                await self._hand_over(message, to)
        except (aiosmtplib.SMTPException, OSError) as error:
            # The server's own words may repeat the address, so only the kind of trouble goes on.
            trouble = type(error).__name__
            said = f"message {message_id} was not sent ({trouble}); it will be tried again"
            raise Unavailable(said) from None
        finally:
            self._senders -= 1
            if not self._senders:
                await self._end_sessions()

    async def _hand_over(self, message: bytes, to: str) -> None:
        session = self._free.pop() if self._free else await self._begin_session()
        try:
            await session.sendmail(self._sender, [to], message)
        except BaseException:
            session.close()
            raise
        self._free.append(session)

    async def _begin_session(self) -> aiosmtplib.SMTP:
        session = aiosmtplib.SMTP(
            hostname=self._host,
            port=self._port,
            local_hostname=OWN_NAME,
            timeout=TIMEOUT_SECONDS,
            start_tls=False,
        )
        await session.connect()
        return session

    async def _end_sessions(self) -> None:
        while self._free:
            session = self._free.pop()
            try:
                await session.quit(timeout=FAREWELL_SECONDS)
            except (aiosmtplib.SMTPException, OSError):
                LOG.info("mail_session_broke_off")  # all it was given had been taken
            finally:
                session.close()

    def _message(self, to: str, subject: str, text: str, message_id: str) -> bytes:
        """The message as it goes over the line.

        Why: a letter made by `EmailMessage` cost as much as the request that it answers; its
             registry of headers reads and folds each of them anew (seven times the time).
        """
        message: Message[str, str | Header] = Message(_CRLF)
        message["From"] = f"Flux3D <{self._sender}>"
        message["To"] = to
        message["Subject"] = subject if subject.isascii() else Header(subject, "utf-8")
        message["Message-ID"] = f"<{message_id}@{self._sender.partition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_payload(text, _UTF_8)
        return message.as_bytes()


def _check(to: str, subject: str, message_id: str) -> None:
    """Raises: MessageRefused, when address or subject would be more than one header, or none."""
    is_address = to.isascii() and _ADDRESS.fullmatch(to)
    if not is_address or not _LINE.fullmatch(subject):
        wrong = "subject" if is_address else "address"
        said = f"message {message_id} cannot be made: its {wrong} is none"
        raise MessageRefused(said)
