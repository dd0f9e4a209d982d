"""The Job that asks an endpoint, from inside of the cluster, for the pinned profile and one completion."""

from collections.abc import Mapping, Sequence

from pulumi_nim.labels import CHECKED_ANNOTATION, labels
from pulumi_nim.manifests.job import Task, content
from pulumi_nim.manifests.pod import Workload
from pulumi_nim.manifests.values import Manifest, Text

FOLDER = "/opt/endpoint-check"
SCRIPT = "endpoint_check.py"
ANSWER_SECONDS = 300
"""How long an endpoint whose pods are ready may take to answer: the first request may compile kernels; ours."""
START_SECONDS = 300
"""For the pod, on a node that has the image, since a replica runs there or ran; ours."""


def config_map(endpoint: str, namespace: Text, program: Mapping[str, str]) -> Manifest:
    """`program` by path below FOLDER; a key of a ConfigMap cannot hold a slash."""
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": map_name(endpoint, program), "namespace": namespace, "labels": labels(endpoint)},
        "data": {_key(path): text for path, text in program.items()},
    }


def map_name(endpoint: str, program: Mapping[str, str]) -> str:
    return f"{endpoint}-check-{content(dict(program))}"


def check_task(
    workload: Workload, pinned_id: str | None, adapters: Sequence[str], program: Mapping[str, str], checked: str
) -> Task:
    """`pinned_id` None: the container chooses, and what it chose is only told. `checked` changes with what is asked."""
    pin = () if pinned_id is None else ("--profile", pinned_id)
    named = tuple(word for adapter in adapters for word in ("--adapter", adapter))
    items = [{"key": _key(path), "path": path} for path in program]
    volume = {"name": "program", "configMap": {"name": map_name(workload.endpoint, program), "items": items}}
    mount = {"name": "program", "mountPath": FOLDER, "readOnly": True}
    where = (
        "--url",
        f"http://{workload.adopted.service or workload.endpoint}:{workload.port}",
        "--seconds",
        str(ANSWER_SECONDS),
    )
    return Task(
        purpose="check",
        command=("python3", f"{FOLDER}/{SCRIPT}", *where, *pin, *named),
        deadline_seconds=START_SECONDS + ANSWER_SECONDS,
        volumes=((volume, mount),),
        inherits_env=False,
        annotations=((CHECKED_ANNOTATION, checked),),
    )


def _key(path: str) -> str:
    return path.replace("/", ".")
