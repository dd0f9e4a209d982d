"""Registers the resources that a file lists: the yardstick of bench/preview.py."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pulumi
import pulumi_kubernetes as k8s

CLASSES: Mapping[str, type[pulumi.CustomResource]] = {
    "kubernetes:core/v1:Namespace": k8s.core.v1.Namespace,
    "kubernetes:core/v1:PersistentVolumeClaim": k8s.core.v1.PersistentVolumeClaim,
    "kubernetes:core/v1:Service": k8s.core.v1.Service,
    "kubernetes:core/v1:ServiceAccount": k8s.core.v1.ServiceAccount,
    "kubernetes:apps/v1:Deployment": k8s.apps.v1.Deployment,
    "kubernetes:policy/v1:PodDisruptionBudget": k8s.policy.v1.PodDisruptionBudget,
}
PARENTS = {
    "nim:storage:ModelCache": "nim:serving:NimEndpoint",
    "nim:serving:NimService": "nim:serving:NimEndpoint",
    "kubernetes:core/v1:PersistentVolumeClaim": "nim:storage:ModelCache",
    "kubernetes:core/v1:Service": "nim:serving:NimService",
    "kubernetes:core/v1:ServiceAccount": "nim:serving:NimService",
    "kubernetes:apps/v1:Deployment": "nim:serving:NimService",
    "kubernetes:policy/v1:PodDisruptionBudget": "nim:serving:NimService",
}
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
            made[f"{one['type']} {one['name']}"] = register(one, made, cluster)


def register(
    one: Mapping[str, Any], made: Mapping[str, pulumi.Resource], cluster: k8s.Provider | None
) -> pulumi.Resource:
    opts = pulumi.ResourceOptions(
        parent=made.get(f"{PARENTS.get(one['type'])} {one['parent']}"),
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
    return CLASSES[one["type"]](one["name"], **fields, opts=opts)


main()
