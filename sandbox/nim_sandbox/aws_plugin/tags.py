"""Tags of what EC2 makes, from those of before to those that are wanted."""

from typing import Any

from nim_sandbox.aws_plugin.kind import Values


def retag(ec2: Any, resource_id: str, old: Values, inputs: Values) -> None:  # Any: boto3's client, which has no types
    before, after = old.get("tags", {}), inputs.get("tags", {})
    if removed := sorted(before.keys() - after.keys()):
        ec2.delete_tags(Resources=[resource_id], Tags=[{"Key": key} for key in removed])
    if after:
        ec2.create_tags(Resources=[resource_id], Tags=[{"Key": key, "Value": value} for key, value in after.items()])
