"""Which endpoints are asked what they serve, after each roll-out, and by which program."""

import inspect
from collections.abc import Iterable
from functools import cache

from nim_launcher import endpoint_check
from nim_profiles import served_profile
from pulumi_nim.endpoint_check import Check
from pulumi_nim.gpu_node_pool import BackEnd, ExistingNodes
from pulumi_nim.manifests.endpoint_check import SCRIPT
from stacks.choosing import Choice
from stacks.settings import Cluster, Endpoint


def unchecked(endpoint: Endpoint, pool_name: str, pool: BackEnd, cluster: Cluster) -> str | None:
    """Why nobody asks, as a clause; None where a Job does."""
    if not endpoint.check:
        return "the stack file says so"
    # Pods of simulated nodes run no container, and so nobody is there to answer.
    if cluster.sandbox is not None and not (cluster.real_node and isinstance(pool, ExistingNodes)):
        return f"the nodes of pool {pool_name} are simulated"
    return None


def check_of(endpoint: Endpoint, choice: Choice) -> Check:
    return Check(
        pinned_id=None if choice.loose else choice.profile.id,
        adapters=() if endpoint.lora is None else tuple(adapter.name for adapter in endpoint.lora.adapters),
        program=_program(),
    )


def told(reasons: Iterable[tuple[str, str | None]]) -> str:
    """For a preview: endpoints with what `unchecked` says of each."""
    asked = "a Job asks it for its profile and a completion"
    lines = [f"  {name}: {asked if why is None else f'none ({why})'}" for name, why in reasons]
    return "\n".join(["proof of what an endpoint serves, after each roll-out", *lines])


@cache
def _program() -> dict[str, str]:
    """By path, as it is mounted: a package of its own, whatever the image has under that name."""
    package, module = served_profile.__name__.split(".")
    return {
        SCRIPT: inspect.getsource(endpoint_check),
        f"{package}/__init__.py": "",
        f"{package}/{module}.py": inspect.getsource(served_profile),
    }
