"""Configuration of the node's programs. Pure: values in, texts out.

All paths are as the node sees them: `/run` and the new folders of `/var` are its own (`file_system.py`).
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

NODE_NAME = "real-0"
ADDRESS, SUBNET, BRIDGE = "10.88.0.1", "10.88.0.0/16", "nim0"
"""In a network namespace of the node's own, where they meet nothing of the machine's."""
KUBELET_PORT = 10250
"""The kubelet's usual one, in that namespace."""
PAUSE_IMAGE = "localhost/nim-sandbox/pause:1"
CONTAINERD_SOCKET = "/run/containerd/containerd.sock"
STATE, VOLUMES = Path("/var/lib/nim-sandbox"), Path("/var/lib/nim-sandbox/volumes")


def cgroup(root: Path) -> str:
    """Of all pods of the node whose sandbox lives in `root`; below the root of every hierarchy."""
    return f"nim-sandbox-{hashlib.sha256(str(root).encode()).hexdigest()[:12]}"


@dataclass(frozen=True, slots=True)
class Installed:
    """Programs that the node's own programs start."""

    runc: Path
    cni_plugins: Path
    """Folder."""


def containerd_config(installed: Installed) -> str:
    """Version 3. What would write elsewhere on the machine is off."""
    runtime = 'plugins."io.containerd.cri.v1.runtime"'
    return f"""\
version = 3
root = "/var/lib/containerd"
state = "/run/containerd"
disabled_plugins = ["io.containerd.internal.v1.opt", "io.containerd.nri.v1.nri", "io.containerd.internal.v1.tracing"]

[grpc]
address = "{CONTAINERD_SOCKET}"

[plugins."io.containerd.cri.v1.images"]
snapshotter = "overlayfs"

[plugins."io.containerd.cri.v1.images".pinned_images]
sandbox = "{PAUSE_IMAGE}"

[{runtime}]
# Without CAP_SYS_RESOURCE, as in many virtual machines, runc cannot lower a score: containerd then asks for less.
restrict_oom_score_adj = true
disable_apparmor = true

[{runtime}.cni]
bin_dirs = ["{installed.cni_plugins}"]
conf_dir = "{STATE}/cni"

[{runtime}.containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"

[{runtime}.containerd.runtimes.runc.options]
BinaryName = "{installed.runc}"
"""


def cni_config() -> str:
    """Pods share a bridge with the node and see nothing beyond it: no masquerading, so no rule of any firewall."""
    bridge = {
        "type": "bridge",
        "bridge": BRIDGE,
        "isGateway": True,
        "ipMasq": False,
        "ipam": {"type": "host-local", "ranges": [[{"subnet": SUBNET, "rangeStart": "10.88.1.1"}]]},
    }
    return json.dumps({"cniVersion": "1.0.0", "name": "nim-sandbox", "plugins": [bridge]}, indent=2)


def kubelet_config(keys: Path, cgroup_name: str) -> str:
    config: dict[str, Any] = {  # Any: a KubeletConfiguration in wire format
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "address": ADDRESS,
        "port": KUBELET_PORT,
        "readOnlyPort": 0,
        "tlsCertFile": f"{keys}/kubelet-server.crt",
        "tlsPrivateKeyFile": f"{keys}/kubelet-server.key",
        "authentication": {
            "anonymous": {"enabled": False},
            "webhook": {"enabled": True},
            "x509": {"clientCAFile": f"{keys}/ca.crt"},
        },
        "authorization": {"mode": "Webhook"},
        "containerRuntimeEndpoint": f"unix://{CONTAINERD_SOCKET}",
        "cgroupDriver": "cgroupfs",
        "cgroupRoot": f"/{cgroup_name}",
        "enforceNodeAllocatable": ["pods"],
        "clusterDNS": [ADDRESS],
        "clusterDomain": "cluster.local",
        "resolvConf": f"{STATE}/resolv.conf",
        "volumePluginDir": f"{STATE}/volume-plugins",
        "makeIPTablesUtilChains": False,
        "maxPods": 50,
        # The machine is somebody's own: a full disk or a little memory left is no reason to throw its images away.
        "imageGCHighThresholdPercent": 100,
        "imageGCLowThresholdPercent": 99,
        "evictionHard": {"memory.available": "64Mi", "nodefs.available": "1%", "imagefs.available": "1%"},
        "failSwapOn": False,
        "failCgroupV1": False,
        # Asks the disk for quotas and project ids, which many file systems do not have.
        "localStorageCapacityIsolation": False,
        # Settings of the kernel that the node may not change are then no reason to end.
        "featureGates": {"KubeletInUserNamespace": True},
    }
    return json.dumps(config, indent=2)
