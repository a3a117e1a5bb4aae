"""Runs one service as one process: doors, relay, inbox, effects and timers, until told to stop."""

from collections.abc import Callable

from libs.runtime.declared import Built, Declared
from libs.runtime.ground import Ground
from libs.runtime.settings import ServiceSettings

__all__ = ["Built", "Declared", "Ground", "run_service"]


def run_service(
    declared: Declared, settings: ServiceSettings, build: Callable[[Ground], Built]
) -> None:
    """Run the service until SIGTERM or SIGINT; a part that breaks brings the process down.

    Why: the supervisor starts it again, and a half-living process would be believed.
    """
    raise NotImplementedError(declared, settings, build)
