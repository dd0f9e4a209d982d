"""An EKS cluster that is known by its name, so that no kubeconfig is needed. What asks AWS for it is `aws_cloud`."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import cast

import pulumi

_SIGNS = (
    "AWS_ACCESS_KEY_ID",
    "AWS_PROFILE",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
)
"""Variables by which AWS's SDKs find credentials."""
KUBECONFIG_OUTPUT = "kubeconfig"
"""The stack's output."""
TOKEN_API = "client.authentication.k8s.io/v1beta1"  # noqa: S105 - the name of an API
"""What `aws eks get-token` answers in."""


def credentials_at_hand(environ: Mapping[str, str] = os.environ, home: Path | None = None) -> bool:
    """Whether anything here says who we are in AWS. Asks no network, so a machine's own role counts as no sign."""
    folder = (home or Path.home()) / ".aws"
    return any(environ.get(name) for name in _SIGNS) or any((folder / f).is_file() for f in ("credentials", "config"))


def kubeconfig_text(name: str, region: str, endpoint: str, authority: str) -> str:
    """JSON, which is YAML too; the same for the same cluster. The context has the cluster's name."""
    words = ["--region", region, "eks", "get-token", "--cluster-name", name, "--output", "json"]
    token = {"apiVersion": TOKEN_API, "command": "aws", "args": words, "interactiveMode": "Never"}
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": name, "cluster": {"server": endpoint, "certificate-authority-data": authority}}],
        "users": [{"name": name, "user": {"exec": token}}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
        "current-context": name,
    }
    return json.dumps(content, indent=2)


def unknown() -> pulumi.Output[str]:
    """For a preview that may ask nobody: the provider then contacts no cluster, the ambient one included."""
    found: pulumi.Output[str] = pulumi.Output.from_input(
        cast("str", pulumi.output.UNKNOWN)
    )  # what stands for any value
    return found
