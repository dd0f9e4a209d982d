"""What a reader of a preview should know of a plan, in whole sentences."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from nim_profiles.lock import Lock
from nim_profiles.units import gib
from pulumi_nim.gpu_node_pool import BackEnd
from stacks.container import wrong
from stacks.existing import for_gpus
from stacks.gpu_operator import NOTE as OPERATOR_NOTE
from stacks.groups import group_notes
from stacks.plan import EndpointPlan
from stacks.sandbox_images import stands_in
from stacks.settings import (
    API_KEY,
    PROJECT,
    STAND_IN,
    Settings,
)


def notes(
    raw: Mapping[str, Any],
    settings: Settings,
    pools: Mapping[str, BackEnd],
    endpoints: Sequence[EndpointPlan],
    lock: Lock,
) -> Iterator[str]:
    """`raw` is the content of the stack file that `settings` were read from."""
    yield from _key_note(raw)
    if settings.gpu_operator:
        yield OPERATOR_NOTE
    yield from _image_notes(endpoints)
    for endpoint in endpoints:
        yield from _endpoint_notes(endpoint, pools[endpoint.pool])
    yield from _container_notes(settings, endpoints, lock)


def _key_note(raw: Mapping[str, Any]) -> Iterator[str]:
    if raw.get(API_KEY) == STAND_IN:
        yield f"{PROJECT}:{API_KEY} is not set: a stand-in takes its place in this preview, and an up will refuse"


def _image_notes(endpoints: Sequence[EndpointPlan]) -> Iterator[str]:
    for image in sorted({one.image for one in endpoints if stands_in(one.image)}):
        made = image.partition("@")[0]
        yield f"{made} is not built on this machine yet: a stand-in takes the place of its digest in this preview"


def _endpoint_notes(endpoint: EndpointPlan, pool: BackEnd) -> Iterator[str]:
    yield from (f"endpoint {endpoint.name}: {warning}" for warning in endpoint.choice.warnings)
    yield from group_notes(endpoint.name, endpoint.group, pool)
    if endpoint.fit is None and for_gpus(endpoint.profile):
        yield (
            f"endpoint {endpoint.name}: memory was not estimated but only compared with NVIDIA's figure: "
            "the lock file leads to no complete model shape"
        )
    elif endpoint.fit is not None and endpoint.fit.contradiction:
        yield f"endpoint {endpoint.name}: {endpoint.fit.contradiction}"
    if endpoint.profile.download_bytes is None:
        yield (
            f"endpoint {endpoint.name}: the lock file does not say how much its profile downloads; its cache has "
            f"{gib(endpoint.cache_bytes)}. Set cache_gib if that is too little"
        )


def _container_notes(settings: Settings, endpoints: Sequence[EndpointPlan], lock: Lock) -> Iterator[str]:
    for one in endpoints:
        for found in wrong(settings.endpoints[one.name], one.name, one.profile, lock.image(one.image).profiles):
            yield f"endpoint {one.name}: {found.key.removeprefix('env.')} {found.problem}"
