import json
import tomllib
from pathlib import Path

from nim_sandbox.node.settings import Installed, cgroup, cni_config, containerd_config, kubelet_config

KUBELET = json.loads(kubelet_config(Path("/s/certificates"), "nim-sandbox-1"))
CONTAINERD = tomllib.loads(containerd_config(Installed(Path("/p/runc"), Path("/p/cni"))))


def test_two_sandboxes_never_share_a_cgroup() -> None:
    assert cgroup(Path("/a/real")) == cgroup(Path("/a/real"))
    assert cgroup(Path("/a/real")) != cgroup(Path("/b/real"))


def test_the_kubelet_knows_everybody_by_certificate_and_asks_what_they_may_do() -> None:
    assert KUBELET["authentication"]["anonymous"] == {"enabled": False}
    assert KUBELET["authentication"]["x509"] == {"clientCAFile": "/s/certificates/ca.crt"}
    assert KUBELET["authorization"] == {"mode": "Webhook"}
    assert KUBELET["readOnlyPort"] == 0


def test_the_kubelet_throws_no_image_away_and_touches_no_firewall() -> None:
    assert KUBELET["imageGCHighThresholdPercent"] == 100
    assert KUBELET["makeIPTablesUtilChains"] is False


def test_pods_get_the_nodes_own_resolver() -> None:
    assert KUBELET["clusterDNS"] == ["10.88.0.1"]
    assert KUBELET["address"] == "10.88.0.1"


def test_containerd_runs_the_programs_that_were_found() -> None:
    plugins = CONTAINERD["plugins"]["io.containerd.cri.v1.runtime"]
    assert plugins["containerd"]["runtimes"]["runc"]["options"] == {"BinaryName": "/p/runc"}
    assert plugins["cni"]["bin_dirs"] == ["/p/cni"]


def test_the_bridge_masks_no_address_so_that_no_rule_is_needed() -> None:
    bridge = json.loads(cni_config())["plugins"][0]
    assert (bridge["type"], bridge["ipMasq"], bridge["bridge"]) == ("bridge", False, "nim0")
