"""The gate of a process: nothing opens until the keyring has done what the journal says.

Why: a state restored from a backup brings destroyed keys back; whoever served it would undo
erasures that were confirmed to people.
"""

import asyncio
from pathlib import Path

import structlog
from starlette.types import ASGIApp, Receive, Scope, Send

from libs.doors.problems import Problem, problem_response
from libs.events.errors import Unavailable
from libs.keyring.gate import GateShut, check_gate
from libs.keyring.journal_mark import JournalMark
from libs.keyring.openings import KeyringUnavailable

LOG = structlog.get_logger("gate")
LOOK_AGAIN_SECONDS = 10.0
ALWAYS_OPEN = frozenset({"/livez", "/readyz", "/metrics"})


class Gate:
    """Opens when the journal and the keyring agree, and sees to it that they go on agreeing."""

    def __init__(self, mark: JournalMark, journal: Path) -> None:
        """Shut, until it is asked."""
        self._mark = mark
        self._journal = journal
        self.is_open = False

    async def probe(self) -> None:
        """Open, when they agree.

        Raises: GateShut, with what to do; KeyringUnavailable.
        """
        await check_gate(self._mark, self._journal)
        self.is_open = True

    async def look_again(self) -> None:
        """Look now and then, for ever; an outage changes nothing.

        Why: a database may be restored underneath a running process.
        Raises: GateShut: the process is to end, and to wait before the gate when it is back.
        """
        while True:
            await asyncio.sleep(LOOK_AGAIN_SECONDS)
            try:
                await self.probe()
            except GateShut:
                self.is_open = False
                raise
            except (KeyringUnavailable, OSError) as error:
                LOG.warning("gate_not_seen", reason=str(error))

    async def ready(self) -> None:
        """Whether the gate is open.

        Raises: Unavailable, saying why it is not.
        """
        if not self.is_open:
            await check_gate(self._mark, self._journal)
            message = "the journal and the keyring agree; it opens at the next look"
            raise Unavailable(message)


class ShutDoors:
    """Answers 503 at every door while the gate is shut, except where it says what it waits for."""

    def __init__(self, app: ASGIApp, gate: Gate) -> None:
        """Stand before `app`."""
        self._app = app
        self._gate = gate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request in, or answer that nothing is open yet."""
        if self._gate.is_open or scope["type"] != "http" or scope["path"] in ALWAYS_OPEN:
            await self._app(scope, receive, send)
            return
        problem = Problem(
            type="/problems/not-open",
            title="This service is not open yet; nothing was kept.",
            status=503,
        )
        await problem_response(problem)(scope, receive, send)
