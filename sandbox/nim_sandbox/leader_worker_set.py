"""The genuine LeaderWorkerSet controller as a process of the sandbox: its command line, its files, its webhooks."""

import base64
import json
import shutil
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from nim_sandbox.components import Component
from nim_sandbox.folder import SandboxFolder

PORT = "lws-webhook"
SET_LABEL = "leaderworkerset.sigs.k8s.io/name"
"""On every pod of a LeaderWorkerSet. Without asking for it the webhooks would hold up every other pod as well."""
SETS = {"apiGroups": ["leaderworkerset.x-k8s.io"], "apiVersions": ["v1"], "resources": ["leaderworkersets"]}
PODS = {"apiGroups": [""], "apiVersions": ["v1"], "resources": ["pods"]}
BOTH = ["CREATE", "UPDATE"]

Object = dict[str, Any]  # a Kubernetes object in wire format


def components(folder: SandboxFolder, ports: Mapping[str, int]) -> tuple[Component, ...]:
    """One process, as administrator. Ready once the last of its webhooks answers; `/readyz` says yes before that."""
    arguments = (f"--config={_files(folder)}/configuration.yaml", f"--kubeconfig={folder.kubeconfig}")
    return (Component("lws-controller", arguments, f"{_server(ports)}/validate--v1-pod"),)


def prepare(folder: SandboxFolder, ports: Mapping[str, int]) -> None:
    """Its files and its objects; the kind is served before the controller looks for it."""
    from nim_sandbox.objects import apply_raw  # noqa: PLC0415 - a run that only names the extras is to be quick

    here = _files(folder)
    here.mkdir(exist_ok=True)
    for ours, its in (("server.crt", "tls.crt"), ("server.key", "tls.key")):
        shutil.copy(folder.certificates / ours, here / its)
    (here / "configuration.yaml").write_text(json.dumps(configuration(folder, ports), indent=2), encoding="utf-8")
    authority = (folder.certificates / "ca.crt").read_bytes()
    apply_raw(folder.kubeconfig, [definition(), *webhooks(_server(ports), authority)])


def withdraw(folder: SandboxFolder) -> None:
    """Webhooks that nobody answers would refuse every LeaderWorkerSet and its pods."""
    from nim_sandbox.objects import delete_raw  # noqa: PLC0415 - as above

    delete_raw(folder.kubeconfig, webhooks("https://127.0.0.1", b""))


def definition() -> Object:
    """The CustomResourceDefinition; `data/leader_worker_set_crd.json` says where it comes from."""
    text = files("nim_sandbox").joinpath("data/leader_worker_set_crd.json").read_text(encoding="utf-8")
    return dict(json.loads(text)["object"])


def configuration(folder: SandboxFolder, ports: Mapping[str, int]) -> Object:
    return {
        "apiVersion": "config.lws.x-k8s.io/v1alpha1",
        "kind": "Configuration",
        "webhook": {"host": "127.0.0.1", "port": ports[PORT], "certDir": str(_files(folder))},
        "metrics": {"bindAddress": "0"},
        "health": {"healthProbeBindAddress": "0"},
        "leaderElection": {"leaderElect": False},
        "internalCertManagement": {"enable": False},
    }


def webhooks(server: str, authority: bytes) -> tuple[Object, Object]:
    """As the module's config/webhook/manifests.yaml has them, but by URL: no Service leads out of the cluster."""

    def webhook(name: str, path: str, rule: Object, operations: list[str]) -> Object:
        of_pods = {"objectSelector": {"matchExpressions": [{"key": SET_LABEL, "operator": "Exists"}]}}
        return {
            "name": name,
            "admissionReviewVersions": ["v1"],
            "clientConfig": {"url": f"{server}{path}", "caBundle": base64.b64encode(authority).decode()},
            "failurePolicy": "Fail",
            "sideEffects": "None",
            "rules": [{**rule, "operations": operations}],
            **(of_pods if rule is PODS else {}),
        }

    def configuration_of(kind: str, hooks: list[Object]) -> Object:
        metadata = {"name": "nim-sandbox-lws"}
        return {"apiVersion": "admissionregistration.k8s.io/v1", "kind": kind, "metadata": metadata, "webhooks": hooks}

    path = "leaderworkerset-x-k8s-io-v1-leaderworkerset"
    mutating = [
        webhook("mleaderworkerset.kb.io", f"/mutate-{path}", SETS, BOTH),
        webhook("mpod.kb.io", "/mutate--v1-pod", PODS, ["CREATE"]),
    ]
    validating = [
        webhook("vleaderworkerset.kb.io", f"/validate-{path}", SETS, BOTH),
        webhook("vpod.kb.io", "/validate--v1-pod", PODS, BOTH),
    ]
    return (
        configuration_of("MutatingWebhookConfiguration", mutating),
        configuration_of("ValidatingWebhookConfiguration", validating),
    )


def _files(folder: SandboxFolder) -> Path:
    return folder.root / "lws"


def _server(ports: Mapping[str, int]) -> str:
    return f"https://127.0.0.1:{ports[PORT]}"
