"""The functions that the stand-in answers: what the account says of what is there already."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from nim_sandbox.aws_plugin.kind import Clients, UnknownType, Values


def call(token: str, clients: Clients, arguments: Values) -> Values:
    """Raises UnknownType for every other function."""
    if token not in FUNCTIONS:
        covered = ", ".join(FUNCTIONS)
        raise UnknownType(f"function {token} is not covered by the stand-in for the AWS plugin. It covers {covered}")
    return FUNCTIONS[token](clients, arguments)


def _cluster(clients: Clients, arguments: Values) -> Values:
    found = clients("eks").describe_cluster(name=arguments["name"])["cluster"]
    return {
        "id": found["name"],
        "name": found["name"],
        "arn": found["arn"],
        "endpoint": found["endpoint"],
        "certificateAuthorities": [{"data": found["certificateAuthority"]["data"]}],
        "status": found["status"],
    }


FUNCTIONS: Mapping[str, Callable[[Clients, Values], Values]] = MappingProxyType(
    {"aws:eks/getCluster:getCluster": _cluster}
)
