"""Registers the resources that a file lists: the yardstick of bench/preview.py."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pulumi
import pulumi_kubernetes as k8s

SPELLINGS = {"automountServiceAccountToken": "automount_service_account_token"}


def main() -> None:
    made: dict[str, pulumi.Resource] = {}
    cluster = None
    for one in json.loads(Path(os.environ["RESOURCES"]).read_text(encoding="utf-8")):
        if one["type"] == "pulumi:providers:kubernetes":
            inputs = one["inputs"]
            cluster = k8s.Provider(
                one["name"],
                kubeconfig=inputs["kubeconfig"],
                context=inputs["context"],
                cluster_identifier=inputs["clusterIdentifier"],
                upsert_existing_objects=True,
                enable_patch_force=True,
            )
        else:
            resource = register(one, made, cluster)
            made[f"{one['type']} {one['name']}"] = resource
            if one["type"].startswith("nim:"):
                made[one["name"]] = resource  # the nearest component of that name, which is what a child names


def register(
    one: Mapping[str, Any], made: Mapping[str, pulumi.Resource], cluster: k8s.Provider | None
) -> pulumi.Resource:
    opts = pulumi.ResourceOptions(
        parent=made.get(one["parent"]),
        provider=cluster,
        protect=one["protect"],
        retain_on_delete=one["retain_on_delete"],
        depends_on=[made[key] for key in one["depends_on"]],
        custom_timeouts=pulumi.CustomTimeouts(create=one["create_timeout"]) if one["create_timeout"] else None,
    )
    if one["type"].startswith("nim:"):
        return pulumi.ComponentResource(one["type"], one["name"], None, opts)
    known = ("apiVersion", "kind")
    fields = {SPELLINGS.get(key, key): value for key, value in one["inputs"].items() if key not in known}
    made_now: pulumi.Resource = _class(one["type"])(one["name"], **fields, opts=opts)
    return made_now


def _class(token: str) -> Any:  # Any: a class of the SDK
    """`kubernetes:apps/v1:Deployment`."""
    _, group_version, kind = token.split(":")
    group, version = group_version.split("/")
    return getattr(getattr(getattr(k8s, group), version), kind)


main()
