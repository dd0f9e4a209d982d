"""The provider's arguments: where the simulated account answers."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from nim_sandbox.stand_in import UnsupportedArgument
from nim_sandbox.values import Value, plain

_SERVICES = frozenset({"autoscaling", "ec2", "eks", "iam"})
_WITHOUT_EFFECT = frozenset(
    {
        "accessKey",
        "secretKey",
        "skipCredentialsValidation",
        "skipMetadataApiCheck",
        "skipRegionValidation",
        "skipRequestingAccountId",
        "version",
    }
)
"""Ways into a real account, which this stand-in never enters."""


class NoAccount(Exception):
    """The stand-in is asked to reach an account, and none is simulated for it."""


@dataclass(frozen=True, slots=True)
class Settings:
    region: str | None
    endpoints: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """URL by service."""

    def endpoint(self, service: str) -> str:
        """Raises NoAccount."""
        if service not in self.endpoints:
            raise NoAccount(
                f"the sandbox's stand-in for the AWS plugin reaches simulated accounts only, and no endpoint for "
                f"{service} is given. A real account takes the genuine plugin: `pulumi plugin install resource aws`"
            )
        return self.endpoints[service]


def read_settings(arguments: Mapping[str, Value]) -> Settings:
    """Objects arrive as JSON text. Raises UnsupportedArgument, naming all."""
    given = {key: plain(value) for key, value in arguments.items()}
    unknown = sorted(given.keys() - {"region", "endpoints"} - _WITHOUT_EFFECT)
    if unknown:
        raise UnsupportedArgument(f"the stand-in for the AWS plugin does not know the arguments {', '.join(unknown)}")
    listed = given.get("endpoints") or []
    if isinstance(listed, str):
        listed = json.loads(listed)
    endpoints = {service: url for one in listed for service, url in one.items()}
    if foreign := sorted(endpoints.keys() - _SERVICES):
        raise UnsupportedArgument(
            f"the stand-in for the AWS plugin calls no {', '.join(foreign)}; leave that endpoint out"
        )
    return Settings(given.get("region"), endpoints)
