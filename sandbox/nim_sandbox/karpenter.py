"""The genuine Karpenter with its KWOK provider as a process of the sandbox: what it is told, and what it may start."""

import json
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from nim_profiles.instance import PRICE_REGION, InstanceType, catalogue
from nim_sandbox.components import Component
from nim_sandbox.folder import SandboxFolder
from nim_sandbox.nodes import allocatable

PORTS = ("karpenter", "karpenter-metrics")
MARKETS = ("on-demand", "spot")
ZONE_NAMES = {
    "use1-az6": "us-east-1a",
    "use1-az1": "us-east-1b",
    "use1-az2": "us-east-1c",
    "use1-az4": "us-east-1d",
    "use1-az3": "us-east-1e",
    "use1-az5": "us-east-1f",
}
"""As in the simulated account (moto). In a real one a name may mean any zone."""

Object = dict[str, Any]  # a Kubernetes object in wire format, or JSON


def components(folder: SandboxFolder, ports: Mapping[str, int]) -> tuple[Component, ...]:
    """One process, as administrator. It listens on all addresses: v1.14.0 takes ports only."""
    health, metrics = (ports[name] for name in PORTS)
    arguments = (
        "--disable-leader-election=true",
        f"--health-probe-port={health}",
        f"--metrics-port={metrics}",
        f"--instance-types-file-path={_types_file(folder)}",
        "--log-level=info",
    )
    environment = {"KUBECONFIG": str(folder.kubeconfig)}
    return (Component("karpenter", arguments, f"http://127.0.0.1:{health}/readyz", environment),)


def prepare(folder: SandboxFolder, ports: Mapping[str, int]) -> None:
    """What it may start, and its kinds, which are served before it looks for them."""
    from nim_sandbox.objects import apply_raw  # noqa: PLC0415 - a run that only names the extras is to be quick

    del ports
    _types_file(folder).write_text(json.dumps(instance_types(), indent=1), encoding="utf-8")
    apply_raw(folder.kubeconfig, definitions())


def definitions() -> tuple[Object, ...]:
    """CustomResourceDefinitions; `data/karpenter_crds.json` says where they come from."""
    text = files("nim_sandbox").joinpath("data/karpenter_crds.json").read_text(encoding="utf-8")
    return tuple(json.loads(text)["objects"])


def instance_types() -> list[Object]:
    """Every type of the catalogue that has an on-demand price in `PRICE_REGION`, as Karpenter reads it.

    Spot costs the same: nobody publishes what it will cost, and it is never more.
    """
    kinds = (kind for _, kind in sorted(catalogue().items()) if kind.architecture == "x86_64")
    return [
        {
            "name": kind.name,
            "architecture": "amd64",
            "operatingSystems": ["linux"],
            "resources": allocatable(kind),
            "offerings": [
                _offering(kind, zone, market) for zone in kind.zone_ids.get(PRICE_REGION, ()) for market in MARKETS
            ],
        }
        for kind in kinds
        if PRICE_REGION in kind.prices
    ]


def _offering(kind: InstanceType, zone_id: str, market: str) -> Object:
    values = {
        "karpenter.sh/capacity-type": market,
        "topology.kubernetes.io/zone": ZONE_NAMES[zone_id],
        "topology.k8s.aws/zone-id": zone_id,
    }
    return {
        "Price": float(kind.prices[PRICE_REGION].usd_per_hour),
        "Available": True,
        "Requirements": [{"key": key, "operator": "In", "values": [value]} for key, value in values.items()],
    }


def _types_file(folder: SandboxFolder) -> Path:
    return folder.root / "karpenter-instance-types.json"
