"""One model behind one URL, each replica on one node or, as a group, on several."""

import dataclasses
from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as k8s

from pulumi_nim.adopted import SERVER_CHOSEN
from pulumi_nim.from_manifest import custom_resource, from_manifest
from pulumi_nim.manifests.deployment import deployment
from pulumi_nim.manifests.disruption_budget import disruption_budget
from pulumi_nim.manifests.job import content
from pulumi_nim.manifests.leader_worker_set import leader_worker_set
from pulumi_nim.manifests.pod import Workload, pod_template, roll_out_seconds
from pulumi_nim.manifests.service import service
from pulumi_nim.manifests.service_account import service_account


@dataclass(frozen=True, kw_only=True)
class NimServiceArgs:
    workload: Workload
    """What the pods run; they get the account made here."""
    after: tuple[pulumi.Resource, ...] = ()
    """What the pods wait for, such as their nodes: without those a roll-out cannot end."""


class NimService(pulumi.ComponentResource):
    """Deployment or LeaderWorkerSet, Service, ServiceAccount and PodDisruptionBudget.

    Brings no cache, no credentials, no nodes and, for a plain vLLM image, no launcher (`launcher_files`).
    """

    url: pulumi.Output[str]
    """Base URL of the OpenAI-compatible API inside the cluster."""
    content: str
    """Changes with the pods, as far as they are known before anything exists."""

    def __init__(self, name: str, args: NimServiceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("nim:serving:NimService", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        endpoint, namespace, port = args.workload.endpoint, args.workload.namespace, args.workload.port
        adopted = args.workload.adopted

        account = from_manifest(k8s.core.v1.ServiceAccount, name, service_account(endpoint, namespace), child)
        workload = dataclasses.replace(
            args.workload, service_account_name=account.metadata.apply(lambda metadata: str(metadata.name))
        )
        # The engine's own limit of ten minutes is shorter than most models' start.
        seconds = roll_out_seconds(workload) * workload.replicas
        timeouts = pulumi.CustomTimeouts(create=f"{seconds}s", update=f"{seconds}s")
        patient = pulumi.ResourceOptions.merge(
            child, pulumi.ResourceOptions(custom_timeouts=timeouts, depends_on=[*args.after])
        )
        self.content = content(pod_template(workload))
        group = workload.group
        replicas: pulumi.Resource = (
            from_manifest(k8s.apps.v1.Deployment, name, deployment(workload), patient)
            if group is None
            else custom_resource(name, leader_worker_set(workload, group), patient)
        )
        # A Service waits for ready pods: it comes after them, or a slow model would fail it first.
        same = [*SERVER_CHOSEN] if adopted.service else None
        after = pulumi.ResourceOptions.merge(child, pulumi.ResourceOptions(depends_on=[replicas], ignore_changes=same))
        grouped = group is not None
        served = service(endpoint, namespace, port, adopted, leaders_only=grouped)
        front = from_manifest(k8s.core.v1.Service, name, served, after)
        budget = disruption_budget(endpoint, namespace, adopted, groups=grouped)
        from_manifest(k8s.policy.v1.PodDisruptionBudget, name, budget, child)

        host = front.metadata.apply(lambda metadata: f"{metadata.name}.{metadata.namespace}.svc")
        self.url = pulumi.Output.concat("http://", host, f":{port}/v1")
        self.register_outputs({"url": self.url})
