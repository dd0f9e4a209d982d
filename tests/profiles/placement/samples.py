"""Requirements and offerings that the tests of placement share."""

from decimal import Decimal
from typing import Any

from nim_profiles.instance import instance_type
from nim_profiles.placement import Offering, Requirement
from nim_profiles.units import GIB


def need(name: str = "llm", precision: str = "bf16", gib: float = 10, **more: Any) -> Requirement:  # Any: the fields
    return Requirement(name=name, precision=precision, memory_bytes_per_gpu=int(gib * GIB), **more)


def offer(name: str, usd: str | None = None, zone: str = "z1", **more: Any) -> Offering:  # Any: the fields
    kind = instance_type(name)
    price = kind.usd_per_hour if usd is None else Decimal(usd)
    return Offering(instance_type=kind, region="us-east-1", zone=zone, usd_per_hour=price, **more)
