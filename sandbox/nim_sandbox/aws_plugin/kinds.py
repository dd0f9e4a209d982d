"""The types that the stand-in makes: the inputs each takes, what replaces it, and the calls behind it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Values = dict[str, Any]  # JSON
Clients = Callable[[str], Any]  # service -> boto3's client, which has no types
Made = tuple[str, Values]
"""Id and what the account adds to the inputs."""


class Gone(Exception):
    """The account does not have it."""


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One type. All functions get plain inputs, in the engine's spelling."""

    inputs: frozenset[str]
    """Every other one is refused by name."""
    required: frozenset[str]
    replaced_by: frozenset[str]
    """Inputs whose change makes another resource."""
    computed: frozenset[str]
    """Outputs that only the account knows."""
    moved_by: Mapping[str, frozenset[str]]
    """Outputs that an update changes, and the inputs whose change does it; all inputs where none are named."""
    check: Callable[[Values], object]
    """Raises BadParameters. Called with known values only."""
    create: Callable[[Clients, Values], Made]
    read: Callable[[Clients, str, Values], Values]
    """Inputs and outputs as the account has them; raises Gone."""
    update: Callable[[Clients, str, Values, Values], Values]
    """Of id, old outputs, new inputs: what the account then adds."""
    delete: Callable[[Clients, str, Values], None]


class UnknownType(Exception):
    """A type that the stand-in does not make."""


def kind_of_type(token: str) -> Kind:
    from nim_sandbox.aws_plugin import (  # noqa: PLC0415 - they need Kind
        autoscaling_tag,
        iam,
        launch_template,
        node_group,
        placement_group,
    )

    known = {
        "aws:iam/role:Role": iam.ROLE,
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment": iam.ATTACHMENT,
        "aws:autoscaling/tag:Tag": autoscaling_tag.TAG,
        "aws:ec2/launchTemplate:LaunchTemplate": launch_template.LAUNCH_TEMPLATE,
        "aws:ec2/placementGroup:PlacementGroup": placement_group.PLACEMENT_GROUP,
        "aws:eks/nodeGroup:NodeGroup": node_group.NODE_GROUP,
    }
    if token in known:
        return known[token]
    covered = ", ".join(sorted(known))
    raise UnknownType(f"{token} is not covered by the stand-in for the AWS plugin. It covers {covered}")
