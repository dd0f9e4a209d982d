import base64
import json

from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from nim_profiles.units import GIB
from pulumi_nim.cache_size import AccessMode, Claim
from pulumi_nim.manifests.claim import claim
from pulumi_nim.manifests.credentials import api_key_secret, docker_config, pull_secret
from pulumi_nim.manifests.device_plugin import device_plugin
from pulumi_nim.manifests.disruption_budget import disruption_budget
from pulumi_nim.manifests.namespace import namespace
from pulumi_nim.manifests.node import simulated_node
from pulumi_nim.manifests.service import service
from pulumi_nim.manifests.service_account import service_account


def test_snapshot_of_everything_around_the_pods(snapshot: SnapshotAssertion) -> None:
    manifests = [
        namespace("nim"),
        simulated_node("l40s-0", "l40s", "g6e.12xlarge", "sandbox-a"),
        claim("llama", Claim("llama-cache-0123456789", 40 * GIB, AccessMode.MANY_NODES), "nim", "efs"),
        service_account("llama", "nim"),
        service("llama", "nim", 8000),
        disruption_budget("llama", "nim"),
        device_plugin("nvidia-device-plugin-l40s", {"pulumi-nim/pool": "l40s"}),
    ]
    assert manifests == snapshot(extension_class=JSONSnapshotExtension)


def test_a_claim_without_a_class_takes_the_clusters_default() -> None:
    assert "storageClassName" not in claim("llama", Claim("c", GIB, AccessMode.ONE_NODE), "nim", None)["spec"]


def test_the_registry_user_is_literally_oauthtoken() -> None:
    entry = json.loads(docker_config("nvapi-made-up"))["auths"]["nvcr.io"]
    assert base64.b64decode(entry["auth"]).decode() == "$oauthtoken:nvapi-made-up"
    assert (entry["username"], entry["password"]) == ("$oauthtoken", "nvapi-made-up")


def test_secrets_hold_the_key_and_nothing_else_does() -> None:
    pull, api = pull_secret("a", "nim", "CONFIG"), api_key_secret("b", "nim", "KEY")
    assert pull["stringData"] == {".dockerconfigjson": "CONFIG"}
    assert pull["type"] == "kubernetes.io/dockerconfigjson"
    assert api["stringData"] == {"NGC_API_KEY": "KEY"}
