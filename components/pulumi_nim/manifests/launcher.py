"""What makes a plain vLLM image serve a pinned profile: our launcher, mounted beside a manifest."""

import base64
import hashlib
from dataclasses import dataclass

from pulumi_nim.labels import labels
from pulumi_nim.manifests.values import Manifest, Text

FOLDER = "/opt/nim-launcher"
PROGRAM = "nim-launcher.zip"
MANIFEST = "model_manifest.yaml"
"""The name under which the launcher looks for it beside itself."""


@dataclass(frozen=True, kw_only=True)
class Launcher:
    """Contents are plain: they decide which pods are alike. The caller brings them; a component builds nothing."""

    program: bytes
    """The zip application; under 700 KiB, since base64 and Kubernetes' limit of 1 MiB for a ConfigMap allow no more."""
    manifest: str
    """The model manifest whose profile is pinned, as text."""
    pre_stop: Manifest
    """`lifecycle.preStop` of the container."""
    drain_seconds: int
    """How long running requests may go on once the pod is to end."""
    grace_period_seconds: int

    @property
    def digest(self) -> str:
        """Changes with the program and with the manifest, and rolls the pods."""
        return hashlib.sha256(self.program + b"\0" + self.manifest.encode()).hexdigest()[:32]


def program_path() -> str:
    return f"{FOLDER}/{PROGRAM}"


def config_maps(endpoint: str, namespace: Text, launcher: Launcher) -> tuple[Manifest, Manifest]:
    """Program and manifest, each in a ConfigMap of its own: together they may pass the limit."""

    def config_map(part: str, content: Manifest) -> Manifest:
        metadata = {"name": f"{endpoint}-{part}", "namespace": namespace, "labels": labels(endpoint)}
        return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, **content}

    program = base64.b64encode(launcher.program).decode()
    return (
        config_map("launcher", {"binaryData": {PROGRAM: program}}),
        config_map("manifest", {"data": {MANIFEST: launcher.manifest}}),
    )


def volume(program_map_name: Text, manifest_map_name: Text) -> Manifest:
    sources = [{"configMap": {"name": program_map_name}}, {"configMap": {"name": manifest_map_name}}]
    return {"name": "launcher", "projected": {"sources": sources}}


def container_parts(launcher: Launcher) -> Manifest:
    """What the container has beyond that of a NIM image."""
    return {"command": [*_command("start")], "lifecycle": {"preStop": launcher.pre_stop}}


def download_container(server: Manifest) -> Manifest:
    """Init container that fills the cache before `server`, the container that serves, starts; quick when it is full."""
    shared = {key: server[key] for key in ("image", "env", "securityContext", "volumeMounts")}
    return {"name": "download", "command": [*_command("download-to-cache")], **shared}


def utility(launcher: Launcher | None, verb: str) -> tuple[str, ...]:
    """A command that both know, NIM images by its name."""
    return (verb,) if launcher is None else _command(verb)


def environment(cache_path: str, launcher: Launcher) -> dict[str, str]:
    """How it ends, and where vLLM and its libraries write: the image has no home folder for our user.

    PyTorch would name its own cache after the user, whose name it cannot find either.
    """
    return {
        "HOME": f"{cache_path}/home",
        "NIM_LAUNCHER_DRAIN_SECONDS": str(launcher.drain_seconds),
        "TORCHINDUCTOR_CACHE_DIR": f"{cache_path}/torch",
        "VLLM_CACHE_ROOT": f"{cache_path}/vllm",
        "VLLM_NO_USAGE_STATS": "1",
    }


def _command(verb: str) -> tuple[str, ...]:
    return ("python3", program_path(), verb)
