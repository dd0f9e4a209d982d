from typing import Any

import pytest

from nim_sandbox.aws_plugin.functions import call
from nim_sandbox.aws_plugin.kind import UnknownType


class Eks:
    def describe_cluster(self, name: str) -> dict[str, Any]:
        authority = {"data": "Q0E="}
        facts = {"arn": "arn:aws:eks:::", "endpoint": "https://e", "status": "ACTIVE"}
        return {"cluster": {"name": name, "certificateAuthority": authority, **facts}}


def test_a_cluster_is_told_in_the_engines_spelling() -> None:
    found = call("aws:eks/getCluster:getCluster", lambda _service: Eks(), {"name": "nim"})
    assert (found["name"], found["endpoint"]) == ("nim", "https://e")
    assert found["certificateAuthorities"] == [{"data": "Q0E="}]


def test_another_function_is_refused_with_those_that_are_covered() -> None:
    with pytest.raises(UnknownType, match=r"getVpc:getVpc is not covered .* aws:eks/getCluster:getCluster"):
        call("aws:ec2/getVpc:getVpc", lambda _service: Eks(), {})
