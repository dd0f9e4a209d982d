"""One model behind one URL, as a stack file asks for it."""

from typing import Annotated, Literal

from pydantic import Field, StrictBool, StrictInt

from stacks.settings.part import Part, Text


class EngineSettings(Part):
    """vLLM's own settings where its defaults do not do; what fits is estimated with them."""

    max_model_len: Annotated[StrictInt | None, Field(ge=1, description="Default: the model's own")] = None
    max_num_seqs: Annotated[StrictInt | None, Field(ge=1)] = None
    max_num_batched_tokens: Annotated[StrictInt | None, Field(ge=1)] = None
    gpu_memory_utilization: Annotated[float | None, Field(gt=0, le=1, strict=True)] = None
    kv_cache_dtype: Literal["auto", "fp8"] | None = None
    enforce_eager: StrictBool = False


class Endpoint(Part):
    """One model behind one URL."""

    image: Annotated[Text, Field(description="repository:tag@sha256:<64 hex>, in the lock file")]
    profile: Annotated[
        str | None,
        Field(description="Id or name of a profile that the image offers, or `default`; none: the container chooses"),
    ] = None
    pool: Annotated[Text, Field(description="Name of one of this file's pools")]
    replicas: Annotated[StrictInt, Field(ge=1)] = 1
    gpu_count: Annotated[
        StrictInt | None, Field(ge=1, description="Of one replica; default: the profile's tensor x pipeline")
    ] = None
    cache_gib: Annotated[
        StrictInt | None, Field(ge=1, description="Default: from the profile's artifacts, with headroom")
    ] = None
    engine: Annotated[
        Literal["nim", "vllm"],
        Field(description="vllm: a plain vLLM image; our launcher makes it serve the profile"),
    ] = "nim"
    settings: EngineSettings = EngineSettings()
    env: Annotated[dict[str, str], Field(description="Further environment variables; no secrets")] = {}
    pod_annotations: dict[str, str] = {}
