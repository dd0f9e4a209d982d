"""What every part of a stack file is made of."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

PROJECT = "nim"
"""Prefix of our keys in a stack file, and the name in Pulumi.yaml."""
API_KEY = "ngcApiKey"
"""The secret's own key: `pulumi config set --secret nim:ngcApiKey`. Never inside another object."""
STAND_IN = {"secure": "stands in for a key that is not set"}
"""What a preview finds under API_KEY where a stack needs one and has none, so that it can go on."""

NAME = r"^[a-z]([-a-z0-9]{0,38}[a-z0-9])?$"
"""A Kubernetes service name (RFC 1035 label), short enough for what is appended: 40 of 63 characters."""
Name = Annotated[str, Field(pattern=NAME)]
Text = Annotated[str, Field(min_length=1)]
OBJECT_NAME = r"^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$"
"""Of an object: an RFC 1123 subdomain."""
ObjectName = Annotated[str, Field(pattern=OBJECT_NAME)]
LABEL_VALUE = r"^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$"
"""Kubernetes, "Labels and selectors": up to 63 characters, or none."""
LabelValue = Annotated[str, Field(pattern=LABEL_VALUE)]


class Part(BaseModel):
    """Nothing unknown, nothing changed once read."""

    model_config = ConfigDict(frozen=True, extra="forbid")
