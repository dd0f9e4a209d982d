"""A whole stack file."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StrictBool, StrictInt

from pulumi_nim.start_up import Rates
from stacks.settings.cluster import Cluster, Eks
from stacks.settings.endpoint import Endpoint
from stacks.settings.part import API_KEY, PROJECT, Name, ObjectName, Part
from stacks.settings.policy import Policy
from stacks.settings.pool import Pool

CLUSTERS_OWN = "kube-"
"""How the names of a cluster's own namespaces begin: Kubernetes keeps the prefix for itself."""


def _not_the_clusters(name: str) -> str:
    if name.startswith(CLUSTERS_OWN):
        raise ValueError(f"found {name}, in which only the cluster's own pods run; write another name")
    return name


class Caches(Part):
    """The claims that hold weights."""

    storage_class: Annotated[ObjectName | None, Field(description="Default: the cluster's default class")] = None
    download: Annotated[
        StrictBool, Field(description="A Job fills a claim with the pinned profile before the pods that serve it roll")
    ] = True
    protect: Annotated[StrictBool, Field(description="Refuse to delete a claim until this is lifted")] = True


_SLOW = Rates()


class StartUp(Part):
    """How fast weights arrive here; the probes' patience is computed from it."""

    download_megabytes_per_second: Annotated[StrictInt, Field(ge=1)] = _SLOW.download_bytes_per_second // 1_000_000
    disk_megabytes_per_second: Annotated[StrictInt, Field(ge=1)] = _SLOW.disk_bytes_per_second // 1_000_000
    fixed_seconds: Annotated[StrictInt, Field(ge=0)] = _SLOW.fixed_seconds


class Settings(Part):
    """One environment."""

    cluster: Cluster
    eks: Annotated[Eks | None, Field(description="Needed by pools with back_end eks or karpenter")] = None
    namespace: Annotated[
        Name, AfterValidator(_not_the_clusters), Field(description="Made by this stack, with Pod Security `restricted`")
    ] = "nim"
    pools: Annotated[dict[Name, Pool], Field(min_length=1)]
    endpoints: Annotated[dict[Name, Endpoint], Field(min_length=1)]
    profile_selection: Annotated[
        list[Literal["id", "name", "default", "automatic"]],
        Field(min_length=1, description="How endpoints may say which profile they run; ids alone are deterministic"),
    ] = ["id"]
    caches: Caches = Caches()
    start_up: StartUp = StartUp()
    policy: Annotated[Policy, Field(description="Levels and exceptions of the rules in docs/policy.md")] = Policy()
    gpu_operator: Annotated[
        StrictBool,
        Field(description="Install NVIDIA's, for the whole cluster; pools on EKS then bring no device plugin"),
    ] = False
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
