from pathlib import Path

import pytest
from lightkube import Client
from lightkube.codecs import from_dict
from lightkube.resources.core_v1 import PersistentVolumeClaim

from nim_sandbox.node.volumes import NoVolume, files, volume, wanted


def claim(
    *, node: str | None = "real-0", storage_class: str = "nim-sandbox", volume_name: str | None = None
) -> PersistentVolumeClaim:
    annotations = {} if node is None else {"volume.kubernetes.io/selected-node": node}
    made = from_dict(
        {
            "apiVersion": "v1",
            "kind": "PersistentVolumeClaim",
            "metadata": {"name": "cache", "namespace": "nim", "uid": "u1", "annotations": annotations},
            "spec": {
                "accessModes": ["ReadWriteMany"],
                "storageClassName": storage_class,
                "volumeName": volume_name,
                "resources": {"requests": {"storage": "10Gi"}},
            },
        }
    )
    assert isinstance(made, PersistentVolumeClaim)
    return made


def test_only_claims_that_wait_for_this_node_get_a_folder() -> None:
    assert wanted(claim())
    assert not wanted(claim(node=None))
    assert not wanted(claim(node="l40s-0"))
    assert not wanted(claim(storage_class="gp3"))
    assert not wanted(claim(volume_name="pvc-u1"))


def test_a_volume_is_local_to_the_node_and_for_one_claim() -> None:
    made = volume(claim(), Path("/v/pvc-u1")).to_dict()
    assert made["metadata"]["name"] == "pvc-u1"
    assert made["spec"]["local"] == {"path": "/v/pvc-u1"}
    assert made["spec"]["claimRef"]["uid"] == "u1"
    assert made["spec"]["capacity"] == {"storage": "10Gi"}
    terms = made["spec"]["nodeAffinity"]["required"]["nodeSelectorTerms"]
    assert terms == [{"matchExpressions": [{"key": "kubernetes.io/hostname", "operator": "In", "values": ["real-0"]}]}]


class Api(Client):
    """Knows one claim."""

    def __init__(self, claim: PersistentVolumeClaim) -> None:
        self.claim = claim

    def get(self, *_what: object, **_where: object) -> PersistentVolumeClaim:  # type: ignore[override] # one kind only
        return self.claim


def test_what_lies_in_a_volume_is_told_by_file_and_links_do_not_count(tmp_path: Path) -> None:
    place = tmp_path / "pvc-u1/hub"
    place.mkdir(parents=True)
    (place / "model.safetensors").write_bytes(b"12345")
    (tmp_path / "pvc-u1/config.json").write_bytes(b"{}")
    (place / "again").symlink_to(place / "model.safetensors")
    found = files(Api(claim(volume_name="pvc-u1")), "nim", "cache", tmp_path)
    assert found == {"config.json": 2, "hub/model.safetensors": 5}


def test_a_claim_that_nothing_has_mounted_is_told(tmp_path: Path) -> None:
    with pytest.raises(NoVolume, match="claim nim/cache has no volume on the real node: no pod has mounted it yet"):
        files(Api(claim()), "nim", "cache", tmp_path)
