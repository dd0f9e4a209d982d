"""What Karpenter is told in a sandbox; that it makes nodes is shown by the engine test of its pools."""

import json
from decimal import Decimal
from importlib.resources import files
from pathlib import Path

from nim_profiles.instance import instance_type
from nim_sandbox import karpenter
from nim_sandbox.aws.account import SUBNETS
from nim_sandbox.folder import SandboxFolder
from nim_sandbox.versions import version_table

FOLDER = SandboxFolder(Path("/s"))
TYPES = {one["name"]: one for one in karpenter.instance_types()}


def test_it_meets_the_sandbox_and_no_other_cluster() -> None:
    (component,) = karpenter.components(FOLDER, dict(zip(karpenter.PORTS, (20_001, 20_002), strict=True)))
    assert component.environment == {"KUBECONFIG": "/s/kubeconfig"}
    assert component.health == "http://127.0.0.1:20001/readyz"
    assert "--instance-types-file-path=/s/karpenter-instance-types.json" in component.arguments


def test_a_type_has_the_catalogues_gpus_and_price() -> None:
    found = TYPES["g6e.12xlarge"]
    assert found["resources"]["nvidia.com/gpu"] == "4"
    prices = {Decimal(str(one["Price"])) for one in found["offerings"]}
    assert prices == {instance_type("g6e.12xlarge").usd_per_hour}


def test_a_type_is_offered_in_its_zones_on_demand_and_spot() -> None:
    offered = {
        tuple(one["values"][0] for one in offer["Requirements"]) for offer in TYPES["p6-b200.48xlarge"]["offerings"]
    }
    assert offered == {("on-demand", "us-east-1a", "use1-az6"), ("spot", "us-east-1a", "use1-az6")}


def test_what_no_nim_runs_on_and_what_has_no_price_never_comes() -> None:
    assert "g5g.16xlarge" not in TYPES
    assert "p5e.48xlarge" not in TYPES


def test_zones_are_named_as_in_the_simulated_account() -> None:
    assert karpenter.ZONE_NAMES.keys() >= set(SUBNETS.values())


def test_the_definitions_are_those_of_the_version_that_is_built() -> None:
    text = files("nim_sandbox").joinpath("data/karpenter_crds.json").read_text(encoding="utf-8")
    version = version_table().programs["karpenter"].version
    assert f"sigs.k8s.io/karpenter v{version}" in json.loads(text)["meta"]["source"]
    assert [one["metadata"]["name"] for one in karpenter.definitions()] == [
        "nodepools.karpenter.sh",
        "nodeclaims.karpenter.sh",
        "nodeoverlays.karpenter.sh",
        "kwoknodeclasses.karpenter.kwok.sh",
    ]
