"""LoRA adapters of an endpoint, as a stack file names them."""

from typing import Annotated, Self

from pydantic import Field, StrictInt, model_validator

from stacks.settings.part import ObjectName, Part, Text

ADAPTER_NAME = r"^[A-Za-z0-9]([-._A-Za-z0-9]{0,61}[A-Za-z0-9])?$"
"""A folder, and the name of a model in requests."""


class Adapter(Part):
    """One adapter: a folder of the source."""

    name: Annotated[str, Field(pattern=ADAPTER_NAME, description="Of its folder; requests ask for this model")]
    rank: Annotated[StrictInt, Field(ge=1, description="`r` of its adapter_config.json")]
    size_mib: Annotated[StrictInt, Field(ge=1, description="Of its folder")]


class Fetch(Part):
    """An init container that fills a fresh volume, from an object store or from anywhere."""

    image: Annotated[Text, Field(description="Yours, repository:tag@sha256:<64 hex>; runs as user 1000")]
    command: Annotated[list[Text], Field(min_length=1, description="Writes the folders below $ADAPTERS")]
    env: Annotated[
        dict[str, str], Field(description="No secrets: rights come from the endpoint's service account")
    ] = {}


class Csi(Part):
    """A volume of a CSI driver, such as a bucket or a share that is mounted."""

    driver: Text
    attributes: dict[str, str] = {}


class AdapterSource(Part):
    """Where the adapters are: exactly one of these."""

    claim: Annotated[ObjectName | None, Field(description="A PersistentVolumeClaim that exists in the namespace")] = (
        None
    )
    volume: Annotated[Csi | None, Field(description="An inline volume of a CSI driver")] = None
    fetch: Annotated[Fetch | None, Field(description="Filled before the server starts, at every start")] = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if sum(part is not None for part in (self.claim, self.volume, self.fetch)) != 1:
            raise ValueError("name exactly one of claim, volume and fetch")
        return self


class Lora(Part):
    """Adapters, and the memory that is kept for them."""

    adapters: Annotated[list[Adapter], Field(min_length=1)]
    source: AdapterSource
    refresh_seconds: Annotated[
        StrictInt | None, Field(ge=1, description="How often the folder is looked at; default: at the start only")
    ] = None
    max_rank: Annotated[StrictInt | None, Field(ge=1, description="Default: enough for the largest adapter")] = None
    max_gpu_loras: Annotated[
        StrictInt | None, Field(ge=1, description="Adapters on the GPU at once; default: all of them")
    ] = None
    max_cpu_loras: Annotated[
        StrictInt | None, Field(ge=1, description="Adapters in host memory; default: as many as on the GPU")
    ] = None
