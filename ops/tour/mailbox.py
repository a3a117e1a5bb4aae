"""Letters that have left our hands, as their readers find them."""

import email
import re
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

_LINK = re.compile(r"https://\S+")


def letters_to(mailbox: Path, address: str) -> list[EmailMessage]:
    """The letters in somebody's mailbox, oldest first."""
    found = []
    for path in sorted(mailbox.glob("*.eml")):
        letter = email.message_from_bytes(path.read_bytes(), policy=default)
        if address in str(letter["To"]):
            found.append(letter)
    return found


def links_in(letter: EmailMessage) -> list[str]:
    """The links that a letter holds, in their order."""
    body = letter.get_body(("plain",))
    return _LINK.findall(body.get_content()) if body else []


def link_with(mailbox: Path, address: str, part: str) -> str | None:
    """The newest link to somebody that contains `part`."""
    links = [link for letter in letters_to(mailbox, address) for link in links_in(letter)]
    return next((link for link in reversed(links) if part in link), None)
