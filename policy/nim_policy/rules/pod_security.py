"""Pods that Pod Security `restricted` admits, in namespaces that enforce it.

Source: kubernetes.io/docs/concepts/security/pod-security-standards, levels Baseline and Restricted, read 2026-08.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from nim_policy.facts import StackFacts
from nim_policy.planned import Planned, Props, dig, items, mapping, whole
from nim_policy.rule import Finding, Rule
from nim_policy.workload import SYSTEM_NAMESPACES, pods_of

ENFORCE = "pod-security.kubernetes.io/enforce"
VOLUMES = {
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "persistentVolumeClaim",
    "projected",
    "secret",
}
SECCOMP = {"RuntimeDefault", "Localhost"}


def check(resources: Sequence[Planned], facts: StackFacts) -> Iterator[Finding]:
    del facts
    for resource in resources:
        name = dig(resource.props, "metadata", "name")
        if resource.kubernetes and resource.kind == "Namespace" and name not in SYSTEM_NAMESPACES:
            level = mapping(dig(resource.props, "metadata", "labels")).get(ENFORCE)
            if level != "restricted":
                yield Finding(resource, f"its label {ENFORCE} is {level or 'missing'}; write restricted")
        problems = {why: None for pods in pods_of(resource) for why in _problems(pods.spec, pods.all_containers)}
        if problems:
            yield Finding(resource, f"its pods are not `restricted`: {', '.join(problems)}")


def _problems(spec: Props, containers: Sequence[Props]) -> Iterator[str]:
    for field in ("hostNetwork", "hostPID", "hostIPC"):
        if dig(spec, field):
            yield f"{field} is on"
    for volume in items(dig(spec, "volumes")):
        kinds = {*mapping(volume)} - {"name"} - VOLUMES
        if kinds:
            yield f"volume {mapping(volume).get('name')} is of kind {', '.join(sorted(kinds))}"
    if dig(spec, "securityContext", "sysctls"):
        yield "securityContext.sysctls are set"
    for container in containers:
        yield from (f"container {container.get('name')}: {why}" for why in _container_problems(spec, container))


def _container_problems(spec: Props, container: Props) -> Iterator[str]:
    own = mapping(dig(container, "securityContext"))

    def either(*path: str) -> Any:  # Any: whatever a program may write
        """The container's, else the pod's."""
        found = dig(own, *path)
        return dig(spec, "securityContext", *path) if found is None else found

    added = {*map(str, items(dig(own, "capabilities", "add")))} - {"NET_BIND_SERVICE"}
    broken = {
        "privileged": own.get("privileged"),
        "allowPrivilegeEscalation is not false": own.get("allowPrivilegeEscalation") is not False,
        "runAsNonRoot is not true": either("runAsNonRoot") is not True,
        "runAsUser is 0": whole(either("runAsUser")) == 0,
        "seccompProfile is neither RuntimeDefault nor Localhost": either("seccompProfile", "type") not in SECCOMP,
        "capabilities.drop does not hold ALL": "ALL" not in items(dig(own, "capabilities", "drop")),
        f"capabilities.add holds {', '.join(sorted(added))}": added,
        "procMount is not Default": dig(own, "procMount") not in (None, "Default"),
        "a hostPort is open": any(mapping(port).get("hostPort") for port in items(dig(container, "ports"))),
    }
    return (why for why, found in broken.items() if found)


RULE = Rule(
    name="pod-security",
    title="Namespaces enforce Pod Security `restricted`, and pods keep to it.",
    check=check,
)
