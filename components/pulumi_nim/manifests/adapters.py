"""LoRA adapters in a pod: where they are mounted from, and what fetches them."""

from collections.abc import Mapping
from dataclasses import dataclass

from pulumi_nim.manifests.security import container_security_context
from pulumi_nim.manifests.values import Manifest

ADAPTERS_PATH = "/opt/nim/adapters"
"""NIM_PEFT_SOURCE: one folder an adapter below it."""
VOLUME = "adapters"


@dataclass(frozen=True, kw_only=True)
class FetchAdapters:
    """An init container that fills a fresh volume before the server starts."""

    image: str
    """Pinned by digest."""
    command: tuple[str, ...]
    env: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Adapters:
    volume: Manifest
    """A volume source, such as `{"persistentVolumeClaim": {...}}`."""
    fetch: FetchAdapters | None = None
    """None: the volume brings its content."""


def volume(adapters: Adapters) -> Manifest:
    return {"name": VOLUME, **adapters.volume}


def mount() -> Manifest:
    """Of the server, which only reads."""
    return {"name": VOLUME, "mountPath": ADAPTERS_PATH, "readOnly": True}


def fetch_container(fetch: FetchAdapters) -> Manifest:
    env = {"ADAPTERS": ADAPTERS_PATH, **fetch.env}
    return {
        "name": "fetch-adapters",
        "image": fetch.image,
        "command": [*fetch.command],
        "env": [{"name": name, "value": value} for name, value in env.items()],
        "securityContext": container_security_context(),
        "terminationMessagePolicy": "FallbackToLogsOnError",
        "volumeMounts": [{"name": VOLUME, "mountPath": ADAPTERS_PATH}],
    }
