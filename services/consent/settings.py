"""The settings of consent; read once, in main."""

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from libs.runtime.settings import ServiceSettings


class ConsentSettings(ServiceSettings):
    """What consent is told when it starts: `FLUX3D_CONSENT_…`."""

    model_config = SettingsConfigDict(env_prefix="FLUX3D_CONSENT_", frozen=True, extra="ignore")

    mail_sender: str = Field(
        default="privacy@flux3d.example", description="The address that letters come from."
    )
