"""A message is what was written, and one that is not taken is said so, without the address."""

from email import message_from_bytes
from email.policy import SMTP

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from libs.doors.mail import Mailer, MessageRefused
from libs.events.errors import FluxError, Unavailable

LINE_BYTES_MAX = 998
"""Source: RFC 5322 §2.1.1."""


@pytest.mark.parametrize(
    ("to", "subject", "raised"),
    [
        ("canary@example.org", "Your request", Unavailable),
        ("canary@example.org\nBcc: x@example.org", "Your request", MessageRefused),
        ("canary@example.org", "Your\r\nBcc: x@example.org", MessageRefused),
        ("canary at example.org", "Your request", MessageRefused),
        ("canary@example.org, x@example.org", "Your request", MessageRefused),
        ("Canary <canary@example.org>", "Your request", MessageRefused),
        ("canary@exämple.org", "Your request", MessageRefused),
        ("canary@example.org", "", MessageRefused),
    ],
)
async def test_message_that_was_not_sent_is_told_by_its_id_only(
    to: str, subject: str, raised: type[FluxError]
) -> None:
    """A server that is away is tried again, a header in disguise is not; no address is named."""
    with pytest.raises(raised) as caught:
        await Mailer(port=1).send(to, subject, "text", message_id="m-1")
    assert "m-1" in str(caught.value)
    assert "canary" not in str(caught.value)


@given(
    subject=st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=200),
    text=st.lists(st.text(st.characters(exclude_categories=["C", "Zl", "Zp"]))).map("\n".join),
)
@example(subject="Uw aanvraag Q-1 ✓", text="Beste Zoë,\n\n.\nFrom here\n" + "x" * 2000)
def test_message_reads_as_it_was_written(subject: str, text: str) -> None:
    """Whatever the words, a reader of mail gets them back, on lines that a server takes."""
    made = Mailer(port=1)._message("someone@example.org", subject, text, "m-1")
    assert all(line.isascii() and len(line) <= LINE_BYTES_MAX for line in made.split(b"\r\n"))
    assert b"\n" not in made.replace(b"\r\n", b"")
    read = message_from_bytes(made, policy=SMTP)
    assert not read.defects
    assert (read["To"], read["Message-ID"]) == ("someone@example.org", "<m-1@flux3d.example>")
    assert read["Subject"] == subject
    assert read.get_content().replace("\r\n", "\n") == text
