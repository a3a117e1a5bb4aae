"""The strictness every entry of a policy file has: exact types, no unknown key, no change after."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

Text = Annotated[str, StringConstraints(min_length=1, pattern=r"^\S(?s:.*\S)?$")]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]


class Strict(BaseModel):
    """An entry read from the file, exactly as it is written there, and never changed."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, validate_by_name=False)
