"""What a sandbox itself puts into its API server, asks of it and takes back, as administrator."""

import time
from collections.abc import Sequence
from contextlib import closing
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml
from lightkube import Client, KubeConfig
from lightkube.codecs import from_dict
from lightkube.core.exceptions import ApiError
from lightkube.resources.core_v1 import ServiceAccount

from nim_sandbox.kubernetes_plugin.client import Cluster
from nim_sandbox.kubernetes_plugin.kinds import KindName

FIELD_MANAGER = "nim-sandbox"
DEFINED_SECONDS = 30.0
"""For a kind to be served once it is defined; usual: a tenth of a second."""

Object = dict[str, Any]  # a Kubernetes object in wire format


def client(kubeconfig: Path) -> Client:
    """Of the kubeconfig's own context; no proxy and no environment is looked at. To be closed: use it with `with`."""
    return Client(config=KubeConfig.from_file(kubeconfig), field_manager=FIELD_MANAGER, trust_env=False)


def apply_objects(kubeconfig: Path, file: str = "objects.yaml") -> None:
    """Server-side apply of a file in `data/`: the same whether they exist or not."""
    text = files("nim_sandbox").joinpath("data", file).read_text(encoding="utf-8")
    with client(kubeconfig) as api:
        for item in yaml.safe_load_all(text):
            api.apply(from_dict(item), force=True)


def apply_raw(kubeconfig: Path, items: Sequence[Object]) -> None:
    """Server-side apply in this order of objects whose every field counts; waits until the kinds among them are served.

    Not through lightkube's models, which drop the fields of a schema that they do not know.
    """
    with closing(_cluster(kubeconfig)) as cluster:
        for item in items:
            kind = cluster.kind(KindName(item["apiVersion"], item["kind"]))
            live = cluster.apply(kind, item, FIELD_MANAGER, force=True)
            deadline = time.monotonic() + DEFINED_SECONDS
            while kind.name == "CustomResourceDefinition" and not _established(live):
                if time.monotonic() > deadline:
                    raise TimeoutError(f"{item['metadata']['name']} is defined, but not served")
                time.sleep(0.05)
                live = cluster.get(kind, None, item["metadata"]["name"]) or {}


def delete_raw(kubeconfig: Path, items: Sequence[Object]) -> None:
    """That one is gone already is fine."""
    with closing(_cluster(kubeconfig)) as cluster:
        for item in items:
            kind = cluster.kind(KindName(item["apiVersion"], item["kind"]))
            cluster.delete(kind, None, item["metadata"]["name"], "Background")


def _cluster(kubeconfig: Path) -> Cluster:
    config = KubeConfig.from_file(kubeconfig).get()
    if config is None:
        raise ValueError(f"{kubeconfig} has no current context")
    return Cluster(config)


def _established(live: Object) -> bool:
    conditions = live.get("status", {}).get("conditions") or ()
    return any(one["type"] == "Established" and one["status"] == "True" for one in conditions)


def default_service_account_exists(kubeconfig: Path) -> bool:
    try:
        with client(kubeconfig) as api:
            api.get(ServiceAccount, "default", namespace="default")
    except ApiError as error:
        if error.status.code == 404:
            return False
        raise
    return True
