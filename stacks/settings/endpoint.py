"""One model behind one URL, as a stack file asks for it."""

from typing import Annotated, Literal

from pydantic import Field, StrictBool, StrictInt

from stacks.settings.lora import Lora
from stacks.settings.part import LabelValue, ObjectName, Part, Text

URL = r"^https?://"
VERSION = r"^\d+\.\d+\.\d+$"


class EngineSettings(Part):
    """vLLM's own settings where its defaults do not do; what fits is estimated with them."""

    max_model_len: Annotated[StrictInt | None, Field(ge=1, description="Default: the model's own")] = None
    max_num_seqs: Annotated[StrictInt | None, Field(ge=1)] = None
    max_num_batched_tokens: Annotated[StrictInt | None, Field(ge=1)] = None
    gpu_memory_utilization: Annotated[float | None, Field(gt=0, le=1, strict=True)] = None
    kv_cache_dtype: Literal["auto", "fp8"] | None = None
    enforce_eager: StrictBool = False


class RequestLogging(Part):
    """Its presence lets requests be logged: what users write then stands in the container's log."""

    reason: Annotated[Text, Field(description="Who needs it, and for how long")]


class UnsafeProfile(Part):
    """Its presence lets a profile start that the manifest does not allow on these GPUs (1.x images)."""

    reason: Text


class Telemetry(Part):
    """OpenTelemetry: traces, and on 1.x images metrics too."""

    collector: Annotated[str, Field(pattern=URL, description="e.g. http://collector.observability.svc:4317")]
    service_name: Annotated[Text | None, Field(description="Default: the endpoint's name")] = None


class VisionKv(Part):
    """How a vision model of 1.x shares its KV memory between images and text, from four numbers of the workload."""

    input_tokens: Annotated[StrictInt, Field(ge=1, description="Of a usual request")]
    output_tokens: Annotated[StrictInt, Field(ge=1)]
    image_request_fraction: Annotated[float, Field(ge=0, le=1, description="Share of requests that have an image")]
    image_size_ratio: Annotated[float, Field(gt=0, description="Usual image over the largest one")] = 1.0


class Adopt(Part):
    """Objects that were there before this stack: their names stay, all else of them becomes what this file says."""

    deployment: Annotated[ObjectName | None, Field(description="Its pods roll once")] = None
    selector: Annotated[dict[str, LabelValue], Field(description="spec.selector.matchLabels of that Deployment")] = {}
    service: ObjectName | None = None
    claim: Annotated[ObjectName | None, Field(description="Holds the cache; size, class and access mode stay")] = None


class Endpoint(Part):
    """One model behind one URL."""

    image: Annotated[Text, Field(description="repository:tag@sha256:<64 hex>, in the lock file")]
    profile: Annotated[
        str | None,
        Field(description="Id or name of a profile that the image offers, or `default`; none: the container chooses"),
    ] = None
    pool: Annotated[Text, Field(description="Name of one of this file's pools")]
    replicas: Annotated[StrictInt, Field(ge=1, le=1000)] = 1
    gpu_count: Annotated[
        StrictInt | None, Field(ge=1, description="Of one replica; default: the profile's tensor x pipeline")
    ] = None
    cache_gib: Annotated[
        StrictInt | None, Field(ge=1, description="Default: from the profile's artifacts, with headroom")
    ] = None
    keep_caches: Annotated[
        list[Text], Field(description="Claims of its earlier profiles, for a way back; deleted once they are not named")
    ] = []
    check: Annotated[
        StrictBool, Field(description="After each roll-out a Job asks the endpoint for its profile and a completion")
    ] = True
    list_profiles: Annotated[StrictBool, Field(description="A Job has the image list its profiles, into its log")] = (
        False
    )
    rollout: Annotated[
        Literal["surge", "drain"] | None,
        Field(description="How changes replace a replica: new before old, or old before new; default: as room allows"),
    ] = None
    exclusive_topology: Annotated[
        Text | None,
        Field(description="Label of nodes: each of its values holds one replica of several nodes, and no other one"),
    ] = None
    engine: Annotated[
        Literal["nim", "vllm"],
        Field(description="vllm: a plain vLLM image; our launcher makes it serve the profile"),
    ] = "nim"
    settings: EngineSettings = EngineSettings()
    args: Annotated[
        list[Text], Field(description="Further arguments of vLLM, one word each, as on its command line")
    ] = []
    vllm_version: Annotated[
        str | None,
        Field(pattern=VERSION, description="In the image; with data of it wrong args are refused, not noted"),
    ] = None
    port: Annotated[
        StrictInt, Field(ge=1024, le=65535, description="Of server, probes and Service; below 1024 needs root")
    ] = 8000
    lora: Annotated[Lora | None, Field(description="Adapters; needs a profile with the feature")] = None
    request_logging: Annotated[RequestLogging | None, Field(description="Default: requests are not logged")] = None
    telemetry: Telemetry | None = None
    vision_kv: VisionKv | None = None
    unsafe_profile: UnsafeProfile | None = None
    adopt: Annotated[Adopt, Field(description="Existing objects to take over; `nim-profiles adopt` writes it")] = (
        Adopt()
    )
    env: Annotated[dict[str, str], Field(description="Further environment variables; no secrets")] = {}
    pod_annotations: dict[str, str] = {}
