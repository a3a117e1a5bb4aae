"""The settings of billing; read once, in main."""

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from libs.runtime.settings import ServiceSettings


class BillingSettings(ServiceSettings):
    """What billing is told when it starts: `FLUX3D_BILLING_…`."""

    model_config = SettingsConfigDict(env_prefix="FLUX3D_BILLING_", frozen=True, extra="ignore")

    s3_endpoint: str = Field(description="Where the object store answers, host:port.")
    s3_access_key: SecretStr = Field(description="Its access key.")
    s3_secret_key: SecretStr = Field(description="Its secret key.")
    s3_bucket: str = Field(default="invoices", description="Where sealed invoices lie.")
    seller_street: str = Field(
        default="Voorbeeldstraat 1", description="The seller's street, as printed on invoices."
    )
    seller_postal_code: str = Field(
        default="1000 AA", description="The seller's postal code, as printed on invoices."
    )
    seller_city: str = Field(
        default="Amsterdam", description="The seller's city, as printed on invoices."
    )
    seller_vat_number: str = Field(
        default="NL000000000B00", description="The seller's VAT number, as printed on invoices."
    )
    seller_chamber_of_commerce_number: str = Field(
        default="00000000", description="The seller's KVK number, as printed on invoices."
    )
