"""The settings of consent; read once, in main."""

from pydantic_settings import SettingsConfigDict

from libs.runtime.settings import ServiceSettings


class ConsentSettings(ServiceSettings):
    """What consent is told when it starts: `FLUX3D_CONSENT_…`."""

    model_config = SettingsConfigDict(env_prefix="FLUX3D_CONSENT_", frozen=True, extra="ignore")
