"""The shape of a stack file: what a team may say about one environment. Keys live under `nim:`."""

from stacks.settings.cluster import Cluster, Eks
from stacks.settings.endpoint import Adopt, Endpoint, EngineSettings
from stacks.settings.lora import Lora
from stacks.settings.part import API_KEY, PROJECT, STAND_IN, Name, Part, Text
from stacks.settings.policy import Policy
from stacks.settings.pool import EksPool, ExistingPool, KarpenterPool, Pool, SimulatedPool
from stacks.settings.stack import Caches, Settings, StartUp, json_schema

__all__ = [
    "API_KEY",
    "PROJECT",
    "STAND_IN",
    "Adopt",
    "Caches",
    "Cluster",
    "Eks",
    "EksPool",
    "Endpoint",
    "EngineSettings",
    "ExistingPool",
    "KarpenterPool",
    "Lora",
    "Name",
    "Part",
    "Policy",
    "Pool",
    "Settings",
    "SimulatedPool",
    "StartUp",
    "Text",
    "json_schema",
]
