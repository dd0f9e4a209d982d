"""Nodes that Karpenter and AWS would take, to be made wrong by the tests; and Karpenter's own schemas."""

from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator

from nim_profiles.instance import gpu_of_product
from pulumi_nim.karpenter.nodes import KarpenterNodes
from tests.components.eks.samples import BLOCK, GROUP, SUBNET_A, SUBNET_B

__all__ = ["BLOCK", "GROUP", "SUBNET_A", "SUBNET_B", "complaints", "nodes"]
SCHEMAS = Path(__file__).parents[2] / "data" / "karpenter"


def nodes(product: str = "NVIDIA-L40S", **changes: Any) -> KarpenterNodes:
    wanted: dict[str, Any] = {
        "cluster_name": "nim",
        "region": "us-east-1",
        "gpu": gpu_of_product(product),
        "gpu_limit": 16,
        "image": "al2023@v20260714",
        "role": "KarpenterNodeRole-nim",
        "subnets": {SUBNET_A: "use1-az2", SUBNET_B: "use1-az6"},
        "security_group_ids": (GROUP,),
    }
    return KarpenterNodes(**{**wanted, **changes})


def complaints(manifest: dict[str, Any], file: str) -> list[str]:
    """What the schema of a custom resource definition has against a manifest; unknown fields are complained of too."""
    definition = yaml.safe_load((SCHEMAS / file).read_text(encoding="utf-8"))
    versions = {one["name"]: one["schema"]["openAPIV3Schema"] for one in definition["spec"]["versions"]}
    schema = _closed(versions[manifest["apiVersion"].partition("/")[2]])
    return [f"{fault.json_path}: {fault.message}" for fault in Draft202012Validator(schema).iter_errors(manifest)]


def _closed(schema: Any) -> Any:  # any part of a schema
    """The API server drops what it does not know; here that is a mistake. Metadata has a schema of its own."""
    if isinstance(schema, list):
        return [_closed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {key: _closed(value) for key, value in schema.items()}
    return {**closed, "additionalProperties": False} if isinstance(closed.get("properties"), dict) else closed
