"""LeaderWorkerSet of one endpoint whose replicas each take several nodes: every replica is a group of pods.

Written for API leaderworkerset.x-k8s.io/v1, controller v0.8 or newer, which the cluster brings.
"""

import json
from dataclasses import replace

from pulumi_nim.labels import labels, profile_annotations, selector
from pulumi_nim.manifests import mpi
from pulumi_nim.manifests.group import (
    GROUP_INDEX_LABEL,
    PERIOD_SECONDS,
    RAY_PORT,
    ZONE_LABEL,
    Group,
    Runtime,
    efa_limits,
    efa_tolerations,
    environment,
    ray_arguments,
    ray_worker_probe,
)
from pulumi_nim.manifests.pod import CACHE_PATH, SCHEDULING_SECONDS, Workload, pod_template
from pulumi_nim.manifests.values import Manifest

API_VERSION = "leaderworkerset.x-k8s.io/v1"
KIND = "LeaderWorkerSet"
EXCLUSIVE_TOPOLOGY = "leaderworkerset.sigs.k8s.io/exclusive-topology"


def leader_worker_set(endpoint: Workload, group: Group) -> Manifest:
    """A pod that goes takes its group along: neither NCCL nor Ray takes a newcomer in.

    It is named as the endpoint is. The controller's headless Services are named after each group's leader, and so leave
    that name to the endpoint's own Service.
    """
    # A pod waits for its group, and the node of another pod may come last.
    workload = replace(endpoint, start_up_seconds=endpoint.start_up_seconds + SCHEDULING_SECONDS)
    return {
        "apiVersion": API_VERSION,
        "kind": KIND,
        "metadata": {
            "name": workload.endpoint,
            "namespace": workload.namespace,
            "labels": labels(workload.endpoint),
            "annotations": _annotations(workload, group),
        },
        "spec": {
            "replicas": workload.replicas,
            "leaderWorkerTemplate": {
                "size": group.size,
                "restartPolicy": "RecreateGroupOnPodRestart",
                "leaderTemplate": _template(workload, group, leader=True),
                "workerTemplate": _template(workload, group, leader=False),
            },
            "rolloutStrategy": {
                "type": "RollingUpdate",
                "rollingUpdateConfiguration": {"maxSurge": 0, "maxUnavailable": 1, "partition": 0},
            },
            "startupPolicy": "LeaderCreated",
            "networkConfig": {"subdomainPolicy": "UniquePerReplica"},
        },
    }


def _annotations(workload: Workload, group: Group) -> dict[str, str]:
    """Ready by numbers and condition: a condition alone still speaks of the groups before a change of their number."""
    everyone = [f"jsonpath={{.status.{field}}}={workload.replicas}" for field in ("readyReplicas", "updatedReplicas")]
    topology = group.exclusive_topology
    return {
        **profile_annotations(workload.profile),
        "pulumi.com/waitFor": json.dumps(["condition=Available", *everyone]),
        **({EXCLUSIVE_TOPOLOGY: topology} if topology else {}),
    }


def _template(workload: Workload, group: Group, *, leader: bool) -> Manifest:
    template = pod_template(workload)
    spec = template["spec"]
    (server,) = spec["containers"]
    profile = workload.profile
    variables = environment(group, profile.tensor_parallel, profile.pipeline_parallel, leader=leader)
    server["env"] = [*server["env"], *({"name": name, "value": value} for name, value in variables.items())]
    server["resources"]["limits"] |= efa_limits(group)
    spec["tolerations"] += efa_tolerations(group)
    if group.exclusive_topology is None:
        spec["affinity"] = _one_zone(workload.endpoint)
    if not leader:
        for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
            del server[probe]
        server["ports"] = []
    match group.runtime:
        case Runtime.RAY:
            _run_by_ray(server, workload.start_up_seconds, leader=leader)
        case Runtime.MPI:
            _run_by_mpi(server, workload, leader=leader)
            spec["volumes"].append({"name": "ssh", "emptyDir": {}})
        case Runtime.LAUNCHER:
            pass
    return template


def _run_by_ray(server: Manifest, start_up_seconds: int, *, leader: bool) -> None:
    server["args"] = ray_arguments(leader=leader)
    server["ports"].append({"name": "ray", "containerPort": RAY_PORT})
    if not leader:
        server["startupProbe"] = ray_worker_probe(start_up_seconds)


def _run_by_mpi(server: Manifest, workload: Workload, *, leader: bool) -> None:
    variables = mpi.environment(CACHE_PATH, workload.gpus_per_pod, workload.start_up_seconds)
    server["env"] += [{"name": name, "value": value} for name, value in variables.items()]
    server["volumeMounts"] = [*server["volumeMounts"], {"name": "ssh", "mountPath": mpi.SSH_FOLDER}]
    if leader:
        server["command"] = mpi.leader_command([entry["name"] for entry in server["env"]])
        return
    server["command"] = mpi.worker_command()
    server["ports"].append({"name": "ssh", "containerPort": mpi.PORT})
    server["startupProbe"] = mpi.worker_probe(workload.start_up_seconds, PERIOD_SECONDS)


def _one_zone(endpoint: str) -> Manifest:
    """Beside the pods of the same group: the first of them may go anywhere, the others follow."""
    term = {
        "labelSelector": {"matchLabels": selector(endpoint)},
        "matchLabelKeys": [GROUP_INDEX_LABEL],
        "topologyKey": ZONE_LABEL,
    }
    return {"podAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [term]}}
