"""Placement: the cheapest nodes that hold all endpoints of a stack, or every reason why there are none."""

from nim_profiles.placement.constraints import Constraints
from nim_profiles.placement.explanation import placement_json, refusal_json, runner_up_text
from nim_profiles.placement.offering import CapacityType, Offering, catalogue_offerings
from nim_profiles.placement.place import place
from nim_profiles.placement.placement import Held, NodeGroup, Placement, RunnerUp, Unplaceable
from nim_profiles.placement.requirement import BadRequirement, Requirement
from nim_profiles.precision import Engine

__all__ = [
    "BadRequirement",
    "CapacityType",
    "Constraints",
    "Engine",
    "Held",
    "NodeGroup",
    "Offering",
    "Placement",
    "Requirement",
    "RunnerUp",
    "Unplaceable",
    "catalogue_offerings",
    "place",
    "placement_json",
    "refusal_json",
    "runner_up_text",
]
