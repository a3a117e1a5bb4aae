"""The settings of quotes; read once, in main."""

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from libs.runtime.settings import ServiceSettings


class QuotesSettings(ServiceSettings):
    """What quotes is told when it starts: `FLUX3D_QUOTES_…`."""

    model_config = SettingsConfigDict(env_prefix="FLUX3D_QUOTES_", frozen=True, extra="ignore")

    expiry_every_seconds: float = Field(
        default=5.0, gt=0, description="How often offers past their date are looked for."
    )
    abandoned_every_seconds: float = Field(
        default=180.0,
        gt=0,
        description="How often holds and keys are looked for of which nothing came.",
    )
