"""Jobs of an endpoint: named by content, so that what has run is left alone and a change makes a new one."""

import hashlib
import json
from dataclasses import dataclass

from pulumi_nim.labels import job_labels, profile_annotations
from pulumi_nim.manifests.pod import Workload, pod_template
from pulumi_nim.manifests.security import container_security_context
from pulumi_nim.manifests.values import Manifest

BACKOFF_LIMIT = 2
"""Tries after the first: a download that broke off goes on where it was."""
REPLACE_FAILED = {"pulumi.com/replaceUnready": "true"}
"""A Job that failed is made anew by the next up; without this it would fail that one with its old failure."""
OF_THE_SERVER = frozenset({"NIM_MODEL_PROFILE", "NIM_SERVER_PORT"})
"""Variables that are not for utilities: they get the profile as an argument."""


@dataclass(frozen=True, kw_only=True)
class Task:
    """What one Job runs, in the image, on the nodes and with the credentials of a workload; without its GPUs."""

    purpose: str
    """Part of names: `download`."""
    command: tuple[str, ...]
    """Takes the place of the image's entry point."""
    deadline_seconds: int
    """For all tries together, a node and the image included."""
    shares: tuple[str, ...] = ()
    """Names of the workload's volumes that it mounts at the same places."""
    volumes: tuple[tuple[Manifest, Manifest], ...] = ()
    """Further ones, each with its mount."""
    inherits_env: bool = True
    """Whether it gets the workload's variables, the API key among them."""
    env: tuple[tuple[str, str], ...] = ()
    """Beside those, and over them."""
    annotations: tuple[tuple[str, str], ...] = ()
    """Of the pod; another value makes a new Job."""
    cpu: str = "100m"
    memory: str = "256Mi"


def job(workload: Workload, task: Task) -> Manifest:
    """No clock takes a finished Job away, only another content: after a refresh it would be made, and run, again."""
    labels, told = job_labels(workload.endpoint, task.purpose), profile_annotations(workload.profile)
    spec: Manifest = {
        "activeDeadlineSeconds": task.deadline_seconds,
        "backoffLimit": BACKOFF_LIMIT,
        "template": {
            "metadata": {"labels": labels, "annotations": {**told, **dict(task.annotations)}},
            "spec": _pod(workload, task),
        },
    }
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {
            "name": f"{workload.endpoint}-{task.purpose}-{content(spec)}",
            "namespace": workload.namespace,
            "labels": labels,
            "annotations": {**told, **REPLACE_FAILED},
        },
        "spec": spec,
    }


def content(manifest: Manifest) -> str:
    """Ten hex digits that change with the manifest; what only the engine knows, such as promised names, is left out."""
    text = json.dumps(manifest, sort_keys=True, default=lambda _: None)
    return hashlib.sha256(text.encode()).hexdigest()[:10]


def _pod(workload: Workload, task: Task) -> Manifest:
    server = pod_template(workload)["spec"]
    (serves,) = server["containers"]
    kept = ("automountServiceAccountToken", "nodeSelector", "tolerations", "securityContext", "imagePullSecrets")
    not_for_it = {*OF_THE_SERVER, *(name for name, _ in task.env)}
    inherited = [one for one in serves["env"] if task.inherits_env and one["name"] not in not_for_it]
    return {
        **{key: server[key] for key in kept if key in server},
        "restartPolicy": "Never",
        # A volume for one node must be mounted where the replicas are that hold it.
        "affinity": {"podAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [_beside(workload)]}},
        "containers": [
            {
                "name": task.purpose,
                "image": workload.image,
                "command": [*task.command],
                "env": [*inherited, *({"name": name, "value": value} for name, value in task.env)],
                "resources": {"requests": {"cpu": task.cpu, "memory": task.memory}},
                "securityContext": container_security_context(),
                "terminationMessagePolicy": "FallbackToLogsOnError",
                "volumeMounts": [
                    *(one for one in serves["volumeMounts"] if one["name"] in task.shares),
                    *(mount for _, mount in task.volumes),
                ],
            }
        ],
        "volumes": [
            *(one for one in server["volumes"] if one["name"] in task.shares),
            *(volume for volume, _ in task.volumes),
        ],
    }


def _beside(workload: Workload) -> Manifest:
    term = {
        "labelSelector": {"matchLabels": workload.adopted.pod_selector(workload.endpoint)},
        "topologyKey": "kubernetes.io/hostname",
    }
    return {"weight": 100, "podAffinityTerm": term}
