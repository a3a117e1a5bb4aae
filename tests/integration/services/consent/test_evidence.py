"""The checks of consent find what is well, what is missing, and every planted breach."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from libs.policy.checks import CHECKS
from libs.policy.evidence import CheckResult
from services.consent.app.effects import MAIL_OUTCOME
from tests.integration.services.consent.running import INSPECTION, REFUSAL, Running


async def _start(running: Running) -> None:
    for act in running.built.at_start:
        await act()


async def _measure(running: Running, check: str) -> CheckResult:
    return await running.built.evidence[check]()


async def _live(running: Running) -> None:
    """One of everything, all well."""
    await _start(running)
    visitor = uuid4()
    await running.chosen(visitor, gpc=True)
    await running.chosen(visitor, **REFUSAL)
    await running.erase(UUID((await running.chosen(uuid4()))["record"]))
    request = await running.requested()
    await running.confirmed(request)
    await running.complete(request)
    await running.carry_out(request, MAIL_OUTCOME)


def test_every_check_of_consent_is_run(running: Running) -> None:
    """The service measures what the policy says it measures, and nothing else."""
    named = {check.name for check in CHECKS.values() if "consent" in check.services}
    assert set(running.built.evidence) == named


async def test_checks_say_when_there_is_nothing(running: Running) -> None:
    """A check over an empty service does not claim that a promise is kept."""
    results = [await check() for check in running.built.evidence.values()]
    assert {one.verdict for one in results} == {"nothing_to_check"}


async def test_checks_see_that_all_is_well(running: Running) -> None:
    """Over a life in which every promise was kept, every check says so."""
    await _live(running)
    results = [await check() for check in running.built.evidence.values()]
    assert {one.check: one.verdict for one in results} == dict.fromkeys(
        running.built.evidence, "kept"
    )


async def _plain_address(running: Running) -> None:
    await running.ground.pool.execute(INSPECTION["plant_plain_address"], b"zoe@canary.example")


async def _stale_choice(running: Running) -> None:
    await running.ground.pool.execute(INSPECTION["plant_stale_choice"], uuid4())


async def _ignored_signal(running: Running) -> None:
    await running.ground.pool.execute(INSPECTION["plant_ignored_signal"])


async def _late_request(running: Running) -> None:
    await running.confirmed(await running.requested())
    running.clock.advance_to(running.clock.now() + timedelta(days=40))


async def _remembered_requester(running: Running) -> None:
    running.clock.advance_to(running.clock.now() + timedelta(days=2))


async def _early_prompt(running: Running) -> None:
    visitor = uuid4()
    await running.chosen(visitor, **REFUSAL)
    await running.chosen(visitor)


@pytest.mark.parametrize(
    ("check", "breach"),
    [
        ("personal_fields_sealed", _plain_address),
        ("choices_follow_the_last", _stale_choice),
        ("signals_honoured", _ignored_signal),
        ("rights_requests_on_time", _late_request),
        ("rights_requests_on_time", _remembered_requester),
        ("refusals_not_asked_again", _early_prompt),
    ],
)
async def test_check_finds_a_planted_breach(
    running: Running, check: str, breach: Callable[[Running], Awaitable[None]]
) -> None:
    """Each check can say broken, with the facts that show it."""
    await _live(running)
    await breach(running)
    result = await _measure(running, check)
    assert (result.verdict, bool(result.events)) == ("broken", True)


@pytest.mark.policy("8.versions")
async def test_policy_is_published_once(running: Running) -> None:
    """Starting twice publishes the policy once."""
    await _start(running)
    await _start(running)
    result = await _measure(running, "policy_published")
    assert (result.verdict, result.figures["publications"]) == ("kept", 1)
