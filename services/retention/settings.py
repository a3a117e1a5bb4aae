"""The settings of retention; read once, in main."""

from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from libs.runtime.settings import ServiceSettings


class RetentionSettings(ServiceSettings):
    """What retention is told when it starts: `FLUX3D_RETENTION_…`."""

    model_config = SettingsConfigDict(env_prefix="FLUX3D_RETENTION_", frozen=True, extra="ignore")

    sweep_every_seconds: float = Field(
        default=3.0, gt=0, description="How often what fell due is looked for."
    )
    shred_every_hours: float = Field(
        default=24.0, gt=0, description="How long destroyed keys may wait for a shred round."
    )
    keyring_backup_url: SecretStr = Field(
        description="The keyring's database, as the role that may only copy it."
    )
    keyring_backups_dir: Path = Field(description="Where the newest copy of the keyring lies.")
    postgres_programs_dir: Path = Field(description="Where pg_dump and pg_restore are.")
    answer_within_seconds: float = Field(
        default=3600.0,
        gt=0,
        description="How long an owner may take to answer an erasure before it is asked again.",
    )
    overdue_tolerance_seconds: float = Field(
        default=900.0,
        ge=0,
        description="How long after its term a record may still be on its way out.",
    )
