"""Secrets that pulling from NVIDIA's registry and downloading from NGC need."""

import base64
import json

from pulumi_nim.manifests.values import Manifest, Text

REGISTRY = "nvcr.io"
API_KEY = "NGC_API_KEY"
"""Key inside the Secret, and the environment variable that a NIM reads."""


def docker_config(api_key: str) -> str:
    """The `.dockerconfigjson` for nvcr.io. The user is literally `$oauthtoken`. Holds the key: treat as secret."""
    auth = base64.b64encode(f"$oauthtoken:{api_key}".encode()).decode()
    return json.dumps({"auths": {REGISTRY: {"username": "$oauthtoken", "password": api_key, "auth": auth}}})


def pull_secret(name: str, namespace: Text, docker_config_json: Text) -> Manifest:
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "namespace": namespace},
        "type": "kubernetes.io/dockerconfigjson",
        "stringData": {".dockerconfigjson": docker_config_json},
    }


def api_key_secret(name: str, namespace: Text, api_key: Text) -> Manifest:
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "namespace": namespace},
        "type": "Opaque",
        "stringData": {API_KEY: api_key},
    }
