"""A stack whose busy doors are processes of their own keeps what the usual one keeps."""

from collections.abc import Iterator

import pytest

from deploy.native.readiness import ready
from deploy.native.stack import CHECKOUT, Stack
from deploy.native.supervision import Supervisor
from deploy.native.testing import running_stack
from ops.tour.telling import wait_for
from tests.journeys.calling import CANARY, CHOICE, Anybody
from tests.storm.processes import Processes


@pytest.fixture(scope="module")
def own_doors() -> Iterator[Stack]:
    """Everything, with the busy doors apart."""
    with running_stack(CHECKOUT / ".local-doors", parts="everything", doors="own") as stack:
        yield stack


@pytest.fixture
def anybody(own_doors: Stack) -> Iterator[Anybody]:
    """A caller of this stack."""
    one = Anybody(own_doors)
    yield one
    one.close()


@pytest.mark.timeout(240)
def test_request_goes_its_whole_way_from_doors_of_their_own(anybody: Anybody) -> None:
    """Asked, told by letter, erased, and unreadable at once, though its doors hear no bus."""
    quote = anybody.requested()
    path, token = anybody.letter_link(quote)
    shown = anybody.get(f"{path}?token={token}")
    assert shown.json()["details"]["email"] == f"kiri@{CANARY}.example"
    begun = anybody.post("/api/erasures", {"record": quote}, role="staff")
    assert begun.is_success, begun.text
    wait_for(lambda: anybody.get(f"{path}?token={token}").json()["erased"] or None, "the erasure")
    assert anybody.get(f"{path}?token={token}").json()["details"] is None
    assert anybody.post("/api/choices", CHOICE).status_code == 201


@pytest.mark.timeout(120)
def test_doors_answer_while_the_rest_of_their_service_is_away(anybody: Anybody) -> None:
    """What is kept meanwhile is sent when the rest is back; the doors alone can end, too."""
    stack = anybody.stack
    Supervisor(stack).stop_one("quotes")
    quote = anybody.requested()
    Supervisor(stack).start_stopped(("quotes",))
    assert anybody.letter_link(quote)[0].endswith(quote)
    Processes(stack).kill("quotes-doors")
    wait_for(lambda: ready(stack, "quotes-doors") or None, "the doors to come back")
    assert anybody.requested()
