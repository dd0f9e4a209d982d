"""Objects that a stack takes over: what `adopt` of an endpoint means, and when it cannot be."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

import yaml

from nim_profiles.adoption import Adoption
from nim_profiles.instance import UnknownInstanceType, gpu_of_product, instance_type
from pulumi_nim.adopted import Adopted
from stacks.faults import BadStackFile, Fault
from stacks.plan import EndpointPlan
from stacks.settings import PROJECT, Adopt, Settings
from stacks.stack_text import with_entries, with_key


def adopted_of(adopt: Adopt) -> Adopted:
    return Adopted(deployment=adopt.deployment, selector=adopt.selector, service=adopt.service, claim=adopt.claim)


def adopt_faults(endpoints: Sequence[EndpointPlan], file: str) -> Iterator[Fault]:
    """One object belongs to one endpoint, and a Deployment comes with its selector."""
    owners: dict[tuple[str, str], str] = {}
    for one in endpoints:
        key, adopted = f"{PROJECT}:endpoints.{one.name}.adopt", one.adopted
        if adopted.deployment and not adopted.selector:
            yield Fault(file, f"{key}.selector", "is missing; write spec.selector.matchLabels of that Deployment")
        if adopted.selector and not adopted.deployment:
            yield Fault(file, f"{key}.deployment", "is missing; write whose selector that is, or leave selector out")
        if adopted.deployment and one.nodes_per_replica > 1:
            why = f"a Deployment, but {one.profile.name} runs on {one.nodes_per_replica} nodes a replica"
            yield Fault(file, f"{key}.deployment", f"found {why}; leave it out, a LeaderWorkerSet is made")
        names = {
            "deployment": adopted.deployment or one.name,
            "service": adopted.service or one.name,
            "claim": one.claim_name,
        }
        for part, name in names.items():
            owner = owners.setdefault((part, name), one.name)
            if owner != one.name:
                yield Fault(file, f"{key}.{part}", f"found {name}, which is that of endpoint {owner}; name another one")


def pools_by_product(pools: Mapping[str, Any]) -> dict[str, str]:
    """Name of the first pool of each GPU product. What is wrong with a pool is told elsewhere; here it is none."""
    found: dict[str, str] = {}
    for name, pool in sorted(pools.items()):
        with suppress(AttributeError, KeyError, UnknownInstanceType):
            gpu = gpu_of_product(pool["gpu"]) if "gpu" in pool else instance_type(pool["instance_type"]).gpu
            found.setdefault(gpu.product, name)
    return found


def with_adoption(text: str, file: str, adoption: Adoption) -> str:
    """The stack file `text` with what was found. Raises BadStackFile for names that it has, or another namespace."""
    config = yaml.safe_load(text)["config"]
    said = config.get(f"{PROJECT}:namespace")
    if adoption.namespace not in (None, said or Settings.model_fields["namespace"].default):
        if said is not None:
            fault = f"found {said}, and the objects lie in {adoption.namespace}; a stack has one namespace"
            raise BadStackFile([Fault(file, f"{PROJECT}:namespace", fault)])
        text = with_key(text, "namespace", adoption.namespace)
    for key, entries in (("pools", adoption.pools), ("endpoints", adoption.endpoints)):
        if entries:
            text = with_entries(text, file, key, entries)
    return text
