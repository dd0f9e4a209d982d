"""Disk for claims whose pod is to run on the real node: a folder each, as a local volume.

Local, not hostPath: only for those the kubelet gives the folder to the pod's fsGroup.
"""

import contextlib
import shutil
from collections.abc import Mapping
from pathlib import Path

from lightkube import ApiError, Client
from lightkube.codecs import from_dict
from lightkube.models.core_v1 import PersistentVolumeClaim as ClaimModel
from lightkube.resources.core_v1 import PersistentVolume, PersistentVolumeClaim

from nim_sandbox.node.settings import NODE_NAME, VOLUMES

STORAGE_CLASS = "nim-sandbox"
SELECTED_NODE = "volume.kubernetes.io/selected-node"
"""Written by the scheduler."""


def volume(claim: ClaimModel, folder: Path) -> PersistentVolume:
    """For that claim alone; binding is the controllers' work."""
    metadata, spec = claim.metadata, claim.spec
    if metadata is None or spec is None or spec.resources is None:
        raise ValueError("a claim that the API server holds has all of these")
    here = {"key": "kubernetes.io/hostname", "operator": "In", "values": [NODE_NAME]}
    manifest = {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {"name": f"pvc-{metadata.uid}"},
        "spec": {
            "accessModes": spec.accessModes,
            "capacity": spec.resources.requests,
            "persistentVolumeReclaimPolicy": "Delete",
            "storageClassName": STORAGE_CLASS,
            "claimRef": {
                "apiVersion": "v1",
                "kind": "PersistentVolumeClaim",
                "namespace": metadata.namespace,
                "name": metadata.name,
                "uid": metadata.uid,
            },
            "local": {"path": str(folder)},
            "nodeAffinity": {"required": {"nodeSelectorTerms": [{"matchExpressions": [here]}]}},
        },
    }
    made = from_dict(manifest)
    assert isinstance(made, PersistentVolume)  # noqa: S101 - its kind says so
    return made


def wanted(claim: ClaimModel) -> bool:
    metadata, spec = claim.metadata, claim.spec
    return (
        metadata is not None
        and spec is not None
        and spec.storageClassName == STORAGE_CLASS
        and spec.volumeName is None
        and metadata.deletionTimestamp is None
        and (metadata.annotations or {}).get(SELECTED_NODE) == NODE_NAME
    )


class NoVolume(LookupError):
    """There is no such claim, or nothing is mounted for it yet."""


def files(api: Client, namespace: str, claim: str, folder: Path) -> Mapping[str, int]:
    """What lies in the volume of a claim: size in bytes by path, without links. Raises NoVolume.

    `folder` holds the volumes, as this process sees it.
    """
    try:
        found = api.get(PersistentVolumeClaim, claim, namespace=namespace)
    except ApiError as error:
        if error.status.code != 404:
            raise
        raise NoVolume(f"there is no claim {namespace}/{claim}: kubectl get pvc shows them") from None
    name = found.spec and found.spec.volumeName
    if not name or not (folder / name).is_dir():
        raise NoVolume(f"claim {namespace}/{claim} has no volume on the real node: no pod has mounted it yet")
    sizes = {}
    for path in sorted((folder / name).rglob("*")):
        with contextlib.suppress(FileNotFoundError):  # a temporary one
            if path.is_file() and not path.is_symlink():
                sizes[path.relative_to(folder / name).as_posix()] = path.stat().st_size
    return sizes


def provide(api: Client, folder: Path = VOLUMES) -> None:
    """One look: makes what claims wait for, and removes the folders of volumes that have gone."""
    folder.mkdir(parents=True, exist_ok=True)
    gone = {path.name for path in folder.iterdir()}
    gone -= {(one.metadata and one.metadata.name) or "" for one in api.list(PersistentVolume)}
    for claim in api.list(PersistentVolumeClaim, namespace="*"):
        if wanted(claim):
            made = volume(claim, folder / f"pvc-{claim.metadata and claim.metadata.uid}")
            place = folder / f"{made.metadata and made.metadata.name}"
            place.mkdir(exist_ok=True)
            gone.discard(place.name)
            try:
                api.create(made)
            except ApiError as error:
                if error.status.code != 409:
                    raise
    for name in gone:
        shutil.rmtree(folder / name)
