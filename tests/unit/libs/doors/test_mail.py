"""A message that is not taken is said so, without the address."""

import pytest

from libs.doors.mail import Mailer, MessageRefused
from libs.events.errors import FluxError, Unavailable


@pytest.mark.parametrize(
    ("to", "subject", "raised"),
    [
        ("canary@example.org", "Your request", Unavailable),
        ("canary@example.org\nBcc: x@example.org", "Your request", MessageRefused),
        ("canary@example.org", "Your\r\nBcc: x@example.org", MessageRefused),
        ("canary at example.org", "Your request", MessageRefused),
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
