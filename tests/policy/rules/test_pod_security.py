from collections.abc import Callable
from typing import Any

import pytest

from nim_policy.rules.pod_security import RULE
from tests.policy.samples import container, found, group, pod, server, space

BROKEN: dict[str, Callable[[Any, Any], object]] = {
    "hostNetwork is on": lambda pod, _: pod.update(hostNetwork=True),
    "volume sockets is of kind hostPath": lambda pod, _: pod["volumes"].append({"name": "sockets", "hostPath": {}}),
    "securityContext.sysctls are set": lambda pod, _: pod["securityContext"].update(sysctls=[{"name": "a"}]),
    "container nim: privileged": lambda _, one: one["securityContext"].update(privileged=True),
    "container nim: allowPrivilegeEscalation is not false": lambda _, one: one["securityContext"].pop(
        "allowPrivilegeEscalation"
    ),
    "container nim: runAsNonRoot is not true": lambda pod, _: pod["securityContext"].pop("runAsNonRoot"),
    "container nim: runAsUser is 0": lambda pod, _: pod["securityContext"].update(runAsUser=0),
    "container nim: seccompProfile is neither RuntimeDefault nor Localhost": lambda pod, _: pod["securityContext"].pop(
        "seccompProfile"
    ),
    "container nim: capabilities.drop does not hold ALL": lambda _, one: one["securityContext"].pop("capabilities"),
    "container nim: capabilities.add holds SYS_ADMIN": lambda _, one: one["securityContext"]["capabilities"].update(
        add=["SYS_ADMIN"]
    ),
    "container nim: procMount is not Default": lambda _, one: one["securityContext"].update(procMount="Unmasked"),
    "container nim: a hostPort is open": lambda _, one: one["ports"][0].update(hostPort=8000),
}


def test_our_pods_and_namespaces_are_restricted() -> None:
    assert found(RULE, [server(), group(), space()]) == []


@pytest.mark.parametrize("problem", BROKEN)
def test_what_the_api_server_would_refuse_is_told(problem: str) -> None:
    loose = server()
    BROKEN[problem](pod(loose), container(loose))
    assert found(RULE, [loose]) == [f"its pods are not `restricted`: {problem}"]


def test_a_namespace_that_enforces_less_is_told() -> None:
    lax = space()
    lax.props["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] = "baseline"
    assert found(RULE, [lax]) == ["its label pod-security.kubernetes.io/enforce is baseline; write restricted"]
