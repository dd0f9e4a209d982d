"""The programs of the control plane and their command lines, in the order of their start. Pure: starts nothing."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from nim_sandbox.certificates import CONTROLLER_MANAGER, KUBELET_CLIENT, KWOK, SCHEDULER
from nim_sandbox.folder import SandboxFolder

BASE_PORTS = ("etcd", "etcd-peer", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok")


@dataclass(frozen=True, slots=True)
class Component:
    """One process. `program` is the name of its executable, `health` a URL that answers 200 once it is ready."""

    program: str
    arguments: tuple[str, ...]
    health: str
    environment: Mapping[str, str] = field(default_factory=dict, hash=False)
    """Beside that of the starter."""


def egress_text(folder: SandboxFolder) -> str:
    """An EgressSelectorConfiguration: the API server meets kubelets and pods through the real node's door alone."""
    connection = {"proxyProtocol": "HTTPConnect", "transport": {"uds": {"udsName": str(folder.door)}}}
    config = {
        "apiVersion": "apiserver.k8s.io/v1beta1",
        "kind": "EgressSelectorConfiguration",
        "egressSelections": [{"name": "cluster", "connection": connection}],
    }
    return json.dumps(config)


def components(folder: SandboxFolder, ports: Mapping[str, int]) -> tuple[Component, ...]:
    """All listen on loopback only, all behind TLS but kwok's health page; stopped in reverse order."""
    keys = folder.certificates

    def url(name: str) -> str:
        return f"https://127.0.0.1:{ports[name]}"

    def kubeconfig(file: str) -> str:
        return str(keys / f"{file}.kubeconfig")

    serving = (f"--tls-cert-file={keys}/server.crt", f"--tls-private-key-file={keys}/server.key")
    etcd = Component(
        "etcd",
        (
            f"--data-dir={folder.etcd_data}",
            f"--listen-client-urls={url('etcd')}",
            f"--advertise-client-urls={url('etcd')}",
            f"--listen-peer-urls={url('etcd-peer')}",
            f"--initial-advertise-peer-urls={url('etcd-peer')}",
            f"--initial-cluster=default={url('etcd-peer')}",
            f"--cert-file={keys}/server.crt",
            f"--key-file={keys}/server.key",
            f"--trusted-ca-file={keys}/ca.crt",
            "--client-cert-auth",
            f"--peer-cert-file={keys}/server.crt",
            f"--peer-key-file={keys}/server.key",
            f"--peer-trusted-ca-file={keys}/ca.crt",
            "--peer-client-cert-auth",
            # A sandbox survives a crash of its processes; after one of the machine it is made anew.
            "--unsafe-no-fsync",
            "--log-level=warn",
        ),
        f"{url('etcd')}/health",
    )
    api_server = Component(
        "kube-apiserver",
        (
            f"--etcd-servers={url('etcd')}",
            f"--etcd-cafile={keys}/ca.crt",
            f"--etcd-certfile={keys}/kube-apiserver.crt",
            f"--etcd-keyfile={keys}/kube-apiserver.key",
            "--bind-address=127.0.0.1",
            "--advertise-address=127.0.0.1",
            f"--secure-port={ports['kube-apiserver']}",
            *serving,
            f"--client-ca-file={keys}/ca.crt",
            "--anonymous-auth=false",
            "--authorization-mode=Node,RBAC",
            "--enable-admission-plugins=NodeRestriction",
            f"--kubelet-client-certificate={keys}/{KUBELET_CLIENT.file}.crt",
            f"--kubelet-client-key={keys}/{KUBELET_CLIENT.file}.key",
            f"--kubelet-certificate-authority={keys}/ca.crt",
            "--kubelet-preferred-address-types=InternalIP",
            # To nodes and pods through the real node's door: its network is its own.
            f"--egress-selector-config-file={folder.egress}",
            "--service-account-issuer=https://kubernetes.default.svc",
            f"--service-account-key-file={keys}/service-account.pub",
            f"--service-account-signing-key-file={keys}/service-account.key",
            "--service-cluster-ip-range=10.96.0.0/16",
            # No endpoint for the API server itself: loopback is not allowed as an endpoint's address.
            "--endpoint-reconciler-type=none",
            "--allow-privileged=true",
            "--profiling=false",
        ),
        f"{url('kube-apiserver')}/readyz",
    )
    controller_manager = Component(
        "kube-controller-manager",
        (
            f"--kubeconfig={kubeconfig(CONTROLLER_MANAGER.file)}",
            f"--authentication-kubeconfig={kubeconfig(CONTROLLER_MANAGER.file)}",
            f"--authorization-kubeconfig={kubeconfig(CONTROLLER_MANAGER.file)}",
            "--bind-address=127.0.0.1",
            f"--secure-port={ports['kube-controller-manager']}",
            *serving,
            "--leader-elect=false",
            # Each controller acts under its own service account, with the role that Kubernetes ships for it.
            "--use-service-account-credentials=true",
            f"--service-account-private-key-file={keys}/service-account.key",
            f"--root-ca-file={keys}/ca.crt",
            # Watched for plugins, and made where it is not there: by default outside the sandbox's folder.
            f"--flex-volume-plugin-dir={folder.root}/flex-volume-plugins",
            "--kube-api-qps=200",
            "--kube-api-burst=400",
            "--profiling=false",
        ),
        f"{url('kube-controller-manager')}/healthz",
    )
    scheduler = Component(
        "kube-scheduler",
        (
            f"--kubeconfig={kubeconfig(SCHEDULER.file)}",
            f"--authentication-kubeconfig={kubeconfig(SCHEDULER.file)}",
            f"--authorization-kubeconfig={kubeconfig(SCHEDULER.file)}",
            "--bind-address=127.0.0.1",
            f"--secure-port={ports['kube-scheduler']}",
            *serving,
            "--leader-elect=false",
            "--profiling=false",
        ),
        f"{url('kube-scheduler')}/healthz",
    )
    kwok = Component(
        "kwok",
        (
            f"--kubeconfig={kubeconfig(KWOK.file)}",
            f"--config={folder.stages}",
            # Only nodes that say so: a real kubelet may stand beside them.
            "--manage-all-nodes=false",
            "--manage-nodes-with-annotation-selector=kwok.x-k8s.io/node=fake",
            "--node-lease-duration-seconds=40",
            "--cidr=10.244.0.0/16",
            # What the simulated nodes call their address: nothing listens there, no traffic is meant to.
            "--node-ip=127.0.0.1",
            f"--server-address=127.0.0.1:{ports['kwok']}",
        ),
        f"http://127.0.0.1:{ports['kwok']}/healthz",
    )
    return etcd, api_server, controller_manager, scheduler, kwok
