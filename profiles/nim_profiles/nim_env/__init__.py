"""The environment of NIM containers: which variables an image reads, and what is wrong with those it is given."""

from nim_profiles.nim_env.blocks import NotInThisFamily, Telemetry, kv_ratio, telemetry
from nim_profiles.nim_env.check import check_environment
from nim_profiles.nim_env.family import Family, image_family
from nim_profiles.nim_env.finding import Finding, Level, Surroundings
from nim_profiles.nim_env.variable import Kind, Variable, all_variables, variables

__all__ = [
    "Family",
    "Finding",
    "Kind",
    "Level",
    "NotInThisFamily",
    "Surroundings",
    "Telemetry",
    "Variable",
    "all_variables",
    "check_environment",
    "image_family",
    "kv_ratio",
    "telemetry",
    "variables",
]
