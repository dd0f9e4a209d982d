"""Probes of a NIM: `/v1/health/live` answers as soon as the process runs, `/v1/health/ready` once it serves."""

import math

from pulumi_nim.manifests.values import Manifest

PERIOD_SECONDS = 10
TIMEOUT_SECONDS = 5
"""NVIDIA's charts wait 1 s, which fails under load (github.com/NVIDIA/k8s-nim-operator issue 730)."""


def _probe(path: str, failures: int) -> Manifest:
    return {
        "httpGet": {"path": path, "port": "http"},
        "periodSeconds": PERIOD_SECONDS,
        "timeoutSeconds": TIMEOUT_SECONDS,
        "failureThreshold": failures,
    }


def probes(start_up_seconds: int) -> Manifest:
    """The container's three probes; the startup probe holds the others back for up to `start_up_seconds`."""
    return {
        "startupProbe": _probe("/v1/health/ready", math.ceil(start_up_seconds / PERIOD_SECONDS)),
        "livenessProbe": _probe("/v1/health/live", 3),
        "readinessProbe": _probe("/v1/health/ready", 3),
    }
