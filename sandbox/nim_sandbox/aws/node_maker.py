"""Keeps the sandbox's nodes as the node groups of the simulated account say: the part of EKS that starts instances."""

import logging
import time

from lightkube import Client as Kubernetes
from lightkube.codecs import from_dict
from lightkube.core.exceptions import ApiError
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.operators import exists
from lightkube.resources.core_v1 import Node, Pod, PodEviction

from nim_profiles.instance import UnknownInstanceType, instance_type
from nim_sandbox.aws.account import CLUSTER, Client
from nim_sandbox.aws.nodes import NODE_GROUP_LABEL, Group, Zone, wanted_nodes

LOOK_SECONDS = 0.5
DRAIN_SECONDS = 30.0
"""A pod that may not be disrupted loses its node after this. EKS itself waits 15 minutes."""

log = logging.getLogger(__name__)


class NodeMaker:
    """One look after the other; what one could not do, the next tries again."""

    def __init__(self, eks: Client, ec2: Client, kubernetes: Kubernetes) -> None:
        self._eks, self._ec2, self._kubernetes = eks, ec2, kubernetes
        self._draining_since: dict[str, float] = {}

    def run(self) -> None:
        """Never returns."""
        while True:
            try:
                self.look()
            except Exception:  # a server that stops, or a group half made: the next look sees more
                log.exception("nodes were not brought up to date")
            time.sleep(LOOK_SECONDS)

    def look(self) -> None:
        """Makes the nodes that are missing and removes those that no group wants any more."""
        wanted = wanted_nodes(self._groups(), self._zones())
        here = {
            str(node.metadata.name)
            for node in self._kubernetes.list(Node, labels={NODE_GROUP_LABEL: exists()})
            if node.metadata
        }
        for name in sorted(wanted.keys() - here):
            self._kubernetes.create(from_dict(wanted[name]))
        for name in sorted(self._draining_since.keys() & wanted.keys() & here):
            self._kubernetes.patch(Node, name, {"spec": {"unschedulable": None}})
            del self._draining_since[name]
        for name in sorted(here - wanted.keys()):
            self._remove(name)

    def _groups(self) -> list[Group]:
        names = self._eks.list_nodegroups(clusterName=CLUSTER)["nodegroups"]
        groups = [self._eks.describe_nodegroup(clusterName=CLUSTER, nodegroupName=n)["nodegroup"] for n in names]
        return [{**group, "instanceTypes": [self._instance_type(group)]} for group in groups]

    def _instance_type(self, group: Group) -> str:
        """Of a group without one moto makes one up; then the launch template has it."""
        try:
            return instance_type(group["instanceTypes"][0]).name
        except UnknownInstanceType:
            template = group["launchTemplate"]
            (version,) = self._ec2.describe_launch_template_versions(
                LaunchTemplateId=template["id"], Versions=[template["version"]]
            )["LaunchTemplateVersions"]
            return str(version["LaunchTemplateData"]["InstanceType"])

    def _zones(self) -> dict[str, Zone]:
        subnets = self._ec2.describe_subnets()["Subnets"]
        return {one["SubnetId"]: Zone(one["AvailabilityZone"], one["AvailabilityZoneId"]) for one in subnets}

    def _remove(self, name: str) -> None:
        """Cordons the node, evicts its pods with all regard for disruption budgets, then deletes it."""
        since = self._draining_since.setdefault(name, time.monotonic())
        self._kubernetes.patch(Node, name, {"spec": {"unschedulable": True}})
        pods = [*self._kubernetes.list(Pod, namespace="*", fields={"spec.nodeName": name})]
        if pods and time.monotonic() - since < DRAIN_SECONDS:
            for pod in pods:
                self._evict(pod)
            return
        self._kubernetes.delete(Node, name)
        del self._draining_since[name]

    def _evict(self, pod: Pod) -> None:
        if pod.metadata is None or pod.metadata.deletionTimestamp is not None:
            return
        name, namespace = str(pod.metadata.name), pod.metadata.namespace
        wish = PodEviction(metadata=ObjectMeta(name=name, namespace=namespace))
        try:
            self._kubernetes.create(wish, name, namespace=namespace)
        except ApiError as error:
            if error.status.code not in (404, 429):  # gone meanwhile; not now, says its disruption budget
                raise
