"""The outermost door: an error nobody foresaw is told without its content, and logged by place."""

import traceback

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from libs.doors.problems import Problem, problem_response

LOG = structlog.get_logger("doors")
FRAMES_MAX = 8


class LastResort:
    """Answers 500 with nothing inside, and logs the kind of error and where it arose.

    Why: an error's own text may hold what a person wrote, and the server would print it.
    """

    def __init__(self, app: ASGIApp) -> None:
        """Stand around `app`."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on, until something breaks."""
        has_begun = False

        async def noted(message: Message) -> None:
            nonlocal has_begun
            has_begun = has_begun or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, noted)
        except Exception as error:  # noqa: BLE001 - the door: told, logged and answered
            kind = type(error).__name__
            LOG.error("door_failed", kind=kind, place=where(error))  # noqa: TRY400 - without its text
            if scope["type"] != "http" or has_begun:
                raise BrokenAnswer from None
            problem = Problem(
                type="/problems/internal-error",
                title="Something went wrong on our side; nothing was kept.",
                status=500,
            )
            await problem_response(problem)(scope, receive, send)


class BrokenAnswer(RuntimeError):
    """An answer broke off after it had begun; what broke it is in the log by kind and place."""


def where(error: BaseException) -> list[str]:
    """The innermost places of an error as `file:line function`, without its text."""
    frames = traceback.extract_tb(error.__traceback__)[-FRAMES_MAX:]
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
