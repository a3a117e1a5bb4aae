"""The settings of retention; read once, in main."""

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from libs.runtime.settings import ServiceSettings


class RetentionSettings(ServiceSettings):
    """What retention is told when it starts: `FLUX3D_RETENTION_…`."""

    model_config = SettingsConfigDict(env_prefix="FLUX3D_RETENTION_", frozen=True, extra="ignore")

    sweep_every_seconds: float = Field(
        default=3.0, gt=0, description="How often what fell due is looked for."
    )
    overdue_tolerance_seconds: float = Field(
        default=900.0,
        ge=0,
        description="How long after its term a record may still be on its way out.",
    )
