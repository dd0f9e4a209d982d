"""The provider's arguments, as `pulumi_kubernetes.Provider` sends them."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from nim_sandbox.stand_in import UnsupportedArgument
from nim_sandbox.values import Value, is_true, plain

OFFLINE = "NIM_PREVIEW_OFFLINE"
"""Environment variable: set to 1, a preview contacts no server."""

FIELD_MANAGER = "pulumi-kubernetes"
"""Owner of what we apply. One for all objects; the genuine plugin makes up one for each."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How to reach the cluster, and how to treat what is there."""

    kubeconfig: str | None
    """Text or path; None where the program gave none: then the ambient one is used, and never by a preview."""
    context: str | None
    cluster: str | None
    namespace: str | None
    force: bool
    secrets_mutable: bool
    config_maps_mutable: bool
    upsert: bool
    delete_unreachable: bool
    offline_preview: bool


def read_settings(arguments: Mapping[str, Value]) -> Settings:
    """Raises UnsupportedArgument for what would silently do something else."""
    values = {key: plain(value) for key, value in arguments.items()}
    if values.get("enableServerSideApply") is not None and not is_true(values["enableServerSideApply"]):
        raise UnsupportedArgument(
            "provider argument enableServerSideApply is false; the stand-in Kubernetes plugin only does server-side "
            "apply. Remove the argument, or install the genuine plugin."
        )
    if values.get("renderYamlToDirectory"):
        raise UnsupportedArgument(
            "provider argument renderYamlToDirectory is set; the stand-in Kubernetes plugin renders no files. "
            "Remove the argument, or install the genuine plugin."
        )
    kubeconfig = _text(values, "kubeconfig")

    def switch(name: str, variable: str) -> bool:
        return is_true(values[name]) if name in values else is_true(os.environ.get(variable))

    return Settings(
        kubeconfig=kubeconfig,
        context=_text(values, "context"),
        cluster=_text(values, "cluster"),
        namespace=_text(values, "namespace"),
        force=switch("enablePatchForce", "PULUMI_K8S_ENABLE_PATCH_FORCE"),
        secrets_mutable=switch("enableSecretMutable", "PULUMI_K8S_ENABLE_SECRET_MUTABLE"),
        config_maps_mutable=switch("enableConfigMapMutable", "PULUMI_K8S_ENABLE_CONFIGMAP_MUTABLE"),
        upsert=switch("upsertExistingObjects", "PULUMI_K8S_UPSERT_EXISTING_OBJECTS"),
        delete_unreachable=switch("deleteUnreachable", "PULUMI_K8S_DELETE_UNREACHABLE"),
        offline_preview=os.environ.get(OFFLINE) == "1" or kubeconfig is None,
    )


def _text(values: Mapping[str, Value], name: str) -> str | None:
    value = values.get(name)
    return value if isinstance(value, str) and value else None
