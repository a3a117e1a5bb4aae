"""The settings of consent; read once, in main."""

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from libs.runtime.settings import ServiceSettings


class ConsentSettings(ServiceSettings):
    """What consent is told when it starts: `FLUX3D_CONSENT_…`."""

    model_config = SettingsConfigDict(env_prefix="FLUX3D_CONSENT_", frozen=True, extra="ignore")

    abandoned_every_seconds: float = Field(
        default=180.0, gt=0, description="How often keys are looked for of which nothing came."
    )
