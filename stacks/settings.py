"""The shape of a stack file: what a team may say about one environment. Keys live under `nim:`."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt

PROJECT = "nim"
"""Prefix of our keys in a stack file, and the name in Pulumi.yaml."""
API_KEY = "ngcApiKey"
"""The secret's own key: `pulumi config set --secret nim:ngcApiKey`. Never inside another object."""

_NAME = r"^[a-z]([-a-z0-9]{0,38}[a-z0-9])?$"
"""A Kubernetes service name (RFC 1035 label), short enough for what is appended: 40 of 63 characters."""
Name = Annotated[str, Field(pattern=_NAME)]
Text = Annotated[str, Field(min_length=1)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Cluster(_Part):
    """Which cluster: a sandbox of this machine, or a context of a kubeconfig."""

    sandbox: Annotated[Name | None, Field(description="Name of a sandbox; `make up` starts it")] = None
    kubeconfig: Annotated[Text | None, Field(description="Default: $KUBECONFIG, else ~/.kube/config")] = None
    context: Annotated[Text | None, Field(description="Context in the kubeconfig; never its current one")] = None


class Eks(_Part):
    """The EKS cluster that exists, where node groups are made."""

    cluster: Annotated[Text, Field(description="Its name in AWS; `cluster.context` says how Kubernetes is reached")]
    region: Annotated[Text, Field(description="e.g. us-east-1")]
    subnets: Annotated[
        dict[str, Text], Field(min_length=1, description="Zone id (use1-az1, not us-east-1a) by subnet id")
    ]
    security_groups: Annotated[
        list[Text], Field(description="Ids, the cluster's own among them; default: EKS adds the cluster's own")
    ] = []
    cni_has_own_role: Annotated[
        StrictBool, Field(description="Whether the VPC CNI gets its rights by a service account, not by the nodes")
    ] = False
    tags: Annotated[dict[str, str], Field(description="On everything made in AWS, instances and disks included")] = {}


class SimulatedPool(_Part):
    """GPU nodes without machines, in a sandbox."""

    back_end: Literal["simulated"]
    instance_type: Annotated[Text, Field(description="A type of the catalogue, e.g. g6e.12xlarge")]
    node_count: Annotated[StrictInt, Field(ge=1, le=1000)] = 1


class ExistingPool(_Part):
    """GPU nodes that somebody else runs."""

    back_end: Literal["existing"]
    gpu: Annotated[Text, Field(description="Value of their label nvidia.com/gpu.product, e.g. NVIDIA-L40S")]
    node_labels: Annotated[dict[str, str], Field(description="Further labels that a node must have")] = {}


class EksPool(_Part):
    """A managed node group in the cluster of `nim:eks`."""

    back_end: Literal["eks"]
    instance_type: Annotated[Text, Field(description="A type of the catalogue, e.g. g6e.12xlarge")]
    node_count: Annotated[StrictInt, Field(ge=0, le=450, description="With max_node_count: the least")] = 1
    max_node_count: Annotated[
        StrictInt | None, Field(ge=1, le=450, description="Set where an autoscaler decides how many nodes there are")
    ] = None
    capacity_type: Literal["on-demand", "spot", "capacity-block"] = "on-demand"
    capacity_reservation: Annotated[Text | None, Field(description="Id, cr-…; a capacity block needs one")] = None
    image: Annotated[
        Literal["al2023", "bottlerocket"], Field(description="On al2023 NVIDIA's device plugin must be installed")
    ] = "al2023"
    subnets: Annotated[list[Text] | None, Field(min_length=1, description="Default: all of nim:eks.subnets")] = None
    efa: Annotated[StrictBool, Field(description="Use every EFA card of the type; one subnet")] = False
    placement_group: Annotated[StrictBool, Field(description="A cluster placement group; one zone")] = False
    root_disk_gib: Annotated[StrictInt, Field(description="For the system and images; weights lie on claims")] = 300


Pool = Annotated[SimulatedPool | ExistingPool | EksPool, Field(discriminator="back_end")]


class EngineSettings(_Part):
    """vLLM's own settings where its defaults do not do; what fits is estimated with them."""

    max_model_len: Annotated[StrictInt | None, Field(ge=1, description="Default: the model's own")] = None
    max_num_seqs: Annotated[StrictInt | None, Field(ge=1)] = None
    max_num_batched_tokens: Annotated[StrictInt | None, Field(ge=1)] = None
    gpu_memory_utilization: Annotated[float | None, Field(gt=0, le=1, strict=True)] = None
    kv_cache_dtype: Literal["auto", "fp8"] | None = None
    enforce_eager: StrictBool = False


class Endpoint(_Part):
    """One model behind one URL."""

    image: Annotated[Text, Field(description="repository:tag@sha256:<64 hex>, in the lock file")]
    profile: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", description="Id of a profile that the image offers")]
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


class Caches(_Part):
    """The claims that hold weights."""

    storage_class: Annotated[Text | None, Field(description="Default: the cluster's default class")] = None
    protect: Annotated[StrictBool, Field(description="Refuse to delete a claim until this is lifted")] = True


class StartUp(_Part):
    """How fast weights arrive here; the probes' patience is computed from it."""

    download_megabytes_per_second: Annotated[StrictInt, Field(ge=1)] = 30
    disk_megabytes_per_second: Annotated[StrictInt, Field(ge=1)] = 131
    fixed_seconds: Annotated[StrictInt, Field(ge=0)] = 300


class Settings(_Part):
    """One environment."""

    cluster: Cluster
    eks: Annotated[Eks | None, Field(description="Needed by pools with back_end eks")] = None
    namespace: Annotated[Name, Field(description="Made by this stack, with Pod Security `restricted`")] = "nim"
    pools: Annotated[dict[Name, Pool], Field(min_length=1)]
    endpoints: Annotated[dict[Name, Endpoint], Field(min_length=1)]
    caches: Caches = Caches()
    start_up: StartUp = StartUp()
    needs_ngc_key: Annotated[
        StrictBool,
        Field(description=f"Whether NVIDIA serves the images: then {PROJECT}:{API_KEY} is required"),
    ] = True


def json_schema() -> dict[str, Any]:
    """JSON schema of a whole stack file, for editors."""
    ours = Settings.model_json_schema(ref_template="#/$defs/{model}")
    definitions = ours.pop("$defs")
    secret = {
        "description": "NGC API key, encrypted: `pulumi config set --secret nim:ngcApiKey`",
        "type": "object",
        "properties": {"secure": {"type": "string"}},
        "required": ["secure"],
        "additionalProperties": False,
    }
    config = {f"{PROJECT}:{key}": schema for key, schema in ours["properties"].items()}
    others = {"type": "object", "patternProperties": {f"^(?!{PROJECT}:)": {}}}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Stack file of pinned NIM endpoints",
        "type": "object",
        "properties": {
            "config": {
                **others,
                "properties": {**config, f"{PROJECT}:{API_KEY}": secret},
                "required": [f"{PROJECT}:{key}" for key in ours["required"]],
                "additionalProperties": False,
            }
        },
        "required": ["config"],
        "$defs": definitions,
    }
