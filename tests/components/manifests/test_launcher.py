from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from pulumi_nim.manifests.deployment import deployment
from pulumi_nim.manifests.launcher import Launcher, config_maps
from tests.components.samples import workload

LAUNCHER = Launcher(
    program=b"zip",
    manifest="profiles: []\n",
    pre_stop={"exec": {"command": ["python3", "/opt/nim-launcher/nim-launcher.zip", "stop"]}},
    drain_seconds=30,
    grace_period_seconds=46,
)


def test_snapshot_of_a_plain_vllm_image_with_the_launcher(snapshot: SnapshotAssertion) -> None:
    names = ("llama-launcher", "llama-manifest")
    manifest = deployment(workload(launcher=LAUNCHER, launcher_map_names=names))
    assert manifest == snapshot(extension_class=JSONSnapshotExtension)


def test_program_and_manifest_are_mounted_from_a_map_each() -> None:
    program, manifest = config_maps("llama", "nim", LAUNCHER)
    assert program["binaryData"] == {"nim-launcher.zip": "emlw"}
    assert manifest["data"] == {"model_manifest.yaml": "profiles: []\n"}


def test_the_cache_is_filled_before_the_server_starts() -> None:
    spec = deployment(workload(launcher=LAUNCHER, launcher_map_names=("a", "b")))["spec"]["template"]["spec"]
    (download,), (server,) = spec["initContainers"], spec["containers"]
    assert download["command"][-1] == "download-to-cache"
    assert server["command"][-1] == "start"
    assert download["volumeMounts"] == server["volumeMounts"]
    assert download["securityContext"] == server["securityContext"]
