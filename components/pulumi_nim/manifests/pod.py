"""The pods of an endpoint: what they run, and all that Deployments and groups of several nodes share."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from nim_profiles.profile import Profile
from pulumi_nim.adopted import NOTHING, Adopted
from pulumi_nim.labels import (
    CREDENTIALS_ANNOTATION,
    GPU_RESOURCE,
    LAUNCHER_ANNOTATION,
    profile_annotations,
)
from pulumi_nim.manifests.adapters import Adapters, fetch_container
from pulumi_nim.manifests.adapters import mount as adapters_mount
from pulumi_nim.manifests.adapters import volume as adapters_volume
from pulumi_nim.manifests.credentials import API_KEY
from pulumi_nim.manifests.group import Group
from pulumi_nim.manifests.launcher import FOLDER, Launcher, container_parts, download_container
from pulumi_nim.manifests.launcher import environment as launcher_environment
from pulumi_nim.manifests.launcher import volume as launcher_volume
from pulumi_nim.manifests.probes import probes
from pulumi_nim.manifests.processors import Processors, resources
from pulumi_nim.manifests.security import container_security_context, pod_security_context
from pulumi_nim.manifests.values import Manifest, Text

SERVER = "nim"
"""The container that serves."""
CACHE_PATH = "/opt/nim/.cache"
"""Default of NIM_CACHE_PATH in every LLM image."""
SHARED_MEMORY = "16Gi"
"""What NVIDIA's `docker run --shm-size` asks for; NCCL needs it between the GPUs of one pod."""
PROCESSORS_SHARED_MEMORY = "512Mi"
"""On nodes without GPUs; what is used of it counts as the container's memory."""
SCHEDULING_SECONDS = 900
"""Time for a node to come: an autoscaled GPU node takes 5 to 15 minutes to join."""
NIM_GRACE_PERIOD_SECONDS = 60
"""Of NVIDIA's nim-llm chart."""
STAY_A_MOMENT: Manifest = {"preStop": {"sleep": {"seconds": 5}}}
"""A pod that ends goes on serving until everybody knows: proxies on all nodes hear of it only after the kubelet does.
The kubelet itself sleeps, since no image is sure to have a shell; Kubernetes 1.30 or newer."""
CPUS_PER_GPU = 2
MEMORY_REQUEST_GIB = 8
"""Host memory beside /dev/shm: the 5 to 10 GB of NVIDIA's 1.3.0 guideline. A floor for scheduling, not a limit."""


@dataclass(frozen=True, kw_only=True)
class Workload:
    """What the pods of one endpoint run."""

    endpoint: str
    namespace: Text
    image: Text
    """Pinned by digest."""
    profile: Profile
    profile_value: str | None
    """NIM_MODEL_PROFILE: the profile's id pins it. None leaves the variable out, and the container chooses itself."""
    replicas: int
    node_selector: Mapping[str, str]
    """Names the GPU product, so that a pod never lands on a tolerated but different GPU."""
    processors: Processors | None = None
    """What a replica takes where the pool has no GPUs; None: GPUs, as many as the profile says."""
    start_up_seconds: int
    claim_name: Text
    service_account_name: Text | None = None
    """None: the namespace's default account."""
    surge: bool = False
    """Whether a new replica starts before an old one ends; else the old one ends first, and frees its GPUs. Groups of
    several nodes never surge: their controller would never take the first step."""
    port: int = 8000
    pull_secret_name: Text | None = None
    api_key_secret_name: Text | None = None
    credentials_version: Text | None = None
    """Another value rolls the pods, so that they take up a changed key."""
    launcher: Launcher | None = None
    """For a plain vLLM image; None: the image is a NIM and brings a launcher of its own."""
    launcher_map_names: tuple[Text, Text] | None = None
    """The ConfigMaps of `launcher`: program, manifest."""
    adapters: Adapters | None = None
    """LoRA adapters; None where there are none."""
    args: tuple[str, ...] = ()
    """Of the container: options of vLLM, for images that take them so."""
    group: Group | None = None
    """Several nodes for one replica; None: each replica is one pod."""
    env: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Further environment variables; no secrets."""
    pod_annotations: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    adopted: Adopted = NOTHING

    @property
    def gpus_per_pod(self) -> int:
        return self.profile.gpu_count // (self.group.size if self.group else 1)


def _environment(workload: Workload) -> list[Manifest]:
    values = {
        **({} if workload.profile_value is None else {"NIM_MODEL_PROFILE": workload.profile_value}),
        "NIM_CACHE_PATH": CACHE_PATH,
        "NIM_SERVER_PORT": str(workload.port),
        **(launcher_environment(CACHE_PATH, workload.launcher) if workload.launcher else {}),
        **workload.env,
    }
    env: list[Manifest] = [{"name": name, "value": value} for name, value in values.items()]
    if workload.api_key_secret_name is not None:
        source = {"secretKeyRef": {"name": workload.api_key_secret_name, "key": API_KEY}}
        env.append({"name": API_KEY, "valueFrom": source})
    return env


def _volumes(workload: Workload) -> tuple[list[Manifest], list[Manifest]]:
    """Volumes and their mounts. One GPU needs no shared memory: nothing talks NCCL.

    On processors vLLM has processes that talk even for one: 160 MiB, and a container has 64 by itself (vLLM 0.32).
    """
    volumes: list[Manifest] = [{"name": "cache", "persistentVolumeClaim": {"claimName": workload.claim_name}}]
    mounts: list[Manifest] = [{"name": "cache", "mountPath": CACHE_PATH}]
    if workload.profile.gpu_count > 1 or workload.processors is not None:
        size = SHARED_MEMORY if workload.processors is None else PROCESSORS_SHARED_MEMORY
        volumes.append({"name": "dshm", "emptyDir": {"medium": "Memory", "sizeLimit": size}})
        mounts.append({"name": "dshm", "mountPath": "/dev/shm"})  # noqa: S108 - a mount point in the pod
    if _read_only(workload):
        volumes.append({"name": "tmp", "emptyDir": {}})
        mounts.append({"name": "tmp", "mountPath": "/tmp"})  # noqa: S108 - a mount point in the pod
    if workload.adapters is not None:
        volumes.append(adapters_volume(workload.adapters))
        mounts.append(adapters_mount())
    if workload.launcher_map_names is not None:
        volumes.append(launcher_volume(*workload.launcher_map_names))
        mounts.append({"name": "launcher", "mountPath": FOLDER, "readOnly": True})
    return volumes, mounts


def _read_only(workload: Workload) -> bool:
    return workload.launcher is not None and workload.processors is not None


def _resources(workload: Workload) -> Manifest:
    if workload.processors is not None:
        return resources(workload.processors)
    gpu_count = workload.gpus_per_pod
    return {
        "requests": {"cpu": str(CPUS_PER_GPU * gpu_count), "memory": f"{MEMORY_REQUEST_GIB}Gi"},
        "limits": {GPU_RESOURCE: str(gpu_count)},
    }


def _container(workload: Workload, mounts: list[Manifest]) -> Manifest:
    return {
        "name": SERVER,
        "image": workload.image,
        **({"args": [*workload.args]} if workload.args else {}),
        "ports": [{"name": "http", "containerPort": workload.port}],
        "env": _environment(workload),
        "resources": _resources(workload),
        "securityContext": container_security_context(read_only=_read_only(workload)),
        "terminationMessagePolicy": "FallbackToLogsOnError",
        "volumeMounts": mounts,
        **({"lifecycle": STAY_A_MOMENT} if workload.launcher is None else container_parts(workload.launcher)),
        **probes(workload.start_up_seconds),
    }


def pod_template(workload: Workload) -> Manifest:
    """`template` of whatever makes the pods: one container that serves, and what must have run before it."""
    volumes, mounts = _volumes(workload)
    launcher = workload.launcher
    server = _container(workload, mounts)
    spec: Manifest = {
        "automountServiceAccountToken": False,
        "nodeSelector": dict(workload.node_selector),
        "tolerations": [{"key": GPU_RESOURCE, "operator": "Exists", "effect": "NoSchedule"}],
        "securityContext": pod_security_context(),
        "terminationGracePeriodSeconds": launcher.grace_period_seconds if launcher else NIM_GRACE_PERIOD_SECONDS,
        "containers": [server],
        "volumes": volumes,
    }
    if workload.service_account_name is not None:
        spec["serviceAccountName"] = workload.service_account_name
    if workload.pull_secret_name is not None:
        spec["imagePullSecrets"] = [{"name": workload.pull_secret_name}]
    annotations = {**profile_annotations(workload.profile), **workload.pod_annotations}
    if workload.credentials_version is not None:
        annotations[CREDENTIALS_ANNOTATION] = workload.credentials_version
    before = [] if launcher is None else [download_container(server)]
    if workload.adapters is not None and workload.adapters.fetch is not None:
        before.append(fetch_container(workload.adapters.fetch))
    if before:
        spec["initContainers"] = before
    if launcher is not None:
        annotations[LAUNCHER_ANNOTATION] = launcher.digest
    return {
        "metadata": {"labels": workload.adopted.pod_labels(workload.endpoint), "annotations": annotations},
        "spec": spec,
    }


def roll_out_seconds(workload: Workload) -> int:
    """Seconds after which a roll-out without progress has failed: a node to come, then one replica to start."""
    return SCHEDULING_SECONDS + workload.start_up_seconds
