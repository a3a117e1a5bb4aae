"""A service with one door and nothing to say, for tests of how services run."""

import os

from fastapi import APIRouter
from pydantic_settings import SettingsConfigDict

from libs.events.errors import Unavailable
from libs.events.values import Owner
from libs.runtime.declared import Built, Declared
from libs.runtime.ground import Ground
from libs.runtime.service import run_service
from libs.runtime.settings import ServiceSettings
from libs.runtime.timers import Timer

DECLARED = Declared(owner=Owner.QUOTES, views=(), effects={}, hears=())


class SmallSettings(ServiceSettings):
    """The settings of quotes, whose databases it borrows."""

    model_config = SettingsConfigDict(env_prefix="FLUX3D_QUOTES_")


def build(_: Ground) -> Built:
    """One door, one timer that always fails, and a first act that fails when it is told to."""
    router = APIRouter(prefix="/api/small")

    @router.get("")
    async def hello() -> dict[str, str]:
        return {"says": "hello"}

    async def first_act() -> None:
        if "SMALL_BREAKS" in os.environ:
            message = "CANARY"
            raise RuntimeError(message)

    async def turn() -> None:
        message = "CANARY"
        raise Unavailable(message)

    return Built(
        router=router, refusals={}, timers=(Timer("bad", 60, turn),), at_start=(first_act,)
    )


if __name__ == "__main__":
    run_service(DECLARED, SmallSettings(), build)
