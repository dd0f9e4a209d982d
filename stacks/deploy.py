"""Carries out a plan: providers, components, exports. The only place that makes providers."""

import pulumi
import pulumi_kubernetes as k8s

from pulumi_nim import (
    GpuNodePool,
    GpuNodePoolArgs,
    GpuOperator,
    NgcCredentials,
    NgcCredentialsArgs,
    NimEndpoint,
    NimEndpointArgs,
)
from pulumi_nim.from_manifest import from_manifest
from pulumi_nim.manifests.namespace import namespace
from stacks import checking, on_paper, rollout
from stacks.cluster import context_name, kubeconfig_path
from stacks.cost import cost_of, cost_output
from stacks.eks import region
from stacks.eks_cluster import KUBECONFIG_OUTPUT, credentials_at_hand, unknown
from stacks.plan import EndpointPlan, Plan, settings_told
from stacks.selected import ROOT, ngc_key
from stacks.settings import PROJECT
from stacks.summary import EndpointSummary


def deploy(plan: Plan) -> None:
    """Registers everything in `plan` and exports what `make up` and other stacks read."""
    for note in plan.notes:
        pulumi.log.warn(note)
    for settings in map(settings_told, plan.endpoints):
        if settings is not None:
            pulumi.log.info(settings)
    if pulumi.runtime.is_dry_run():
        pulumi.log.info(rollout.told({one.name: one.rollout for one in plan.endpoints}))
        pulumi.log.info(checking.told((one.name, one.unchecked) for one in plan.endpoints))
    offline = _asks_nobody(plan)
    cloud = _cloud(plan, offline=offline)
    provider = k8s.Provider(
        "cluster",
        kubeconfig=_kubeconfig(plan, cloud, offline=offline),
        context=context_name(plan.cluster) if plan.looked_up is None else plan.looked_up.cluster,
        # A new path or new certificates are still the same cluster; another stack's cluster is not.
        cluster_identifier=f"{PROJECT}-{plan.stack}",
        # An up that was killed, and a claim that was kept, leave objects that the state does not know: take them back.
        upsert_existing_objects=True,
        # The stack file is the truth: a field that kubectl changed is put back, and a preview after a refresh says so.
        enable_patch_force=True,
    )
    inside = pulumi.ResourceOptions(provider=provider)
    # Kept for the sake of the claims in it: a namespace that goes takes them along.
    kept = pulumi.ResourceOptions(provider=provider, retain_on_delete=True)
    space = from_manifest(k8s.core.v1.Namespace, plan.namespace, namespace(plan.namespace), kept)
    name = space.metadata.apply(lambda metadata: str(metadata.name))
    nodes_inside = pulumi.ResourceOptions(providers=[provider, cloud]) if cloud and region(plan.pools) else inside
    pools = {
        pool: GpuNodePool(pool, GpuNodePoolArgs(back_end=nodes), nodes_inside) for pool, nodes in plan.pools.items()
    }
    if plan.gpu_operator:
        GpuOperator("gpu-operator", inside)
    credentials = None
    if plan.uses_ngc_key:
        credentials = NgcCredentials("ngc", NgcCredentialsArgs(namespace=name, api_key=ngc_key()), inside)
    pulumi.export("namespace", name)
    pulumi.export("cost", cost_output(cost_of(plan)))
    pulumi.export(
        "endpoints",
        {
            one.name: {
                "url": _endpoint(one, plan, name, pools[one.pool], credentials, inside).url,
                **EndpointSummary.of(one, plan).document,
            }
            for one in plan.endpoints
        },
    )


def _asks_nobody(plan: Plan) -> bool:
    """A preview on paper, or without credentials; a sandbox has an account that wants none."""
    nobody = plan.cluster.sandbox is None and not credentials_at_hand()
    return pulumi.runtime.is_dry_run() and (nobody or on_paper.files() is not None)


def _cloud(plan: Plan, *, offline: bool) -> pulumi.ProviderResource | None:
    """None where nothing is made or looked up in AWS."""
    where = plan.looked_up.region if plan.looked_up is not None else region(plan.pools)
    if where is None:
        return None
    from stacks import aws_cloud  # noqa: PLC0415 - AWS's SDK takes long to load, and most stacks do without

    return aws_cloud.provider(plan.cluster, where, offline=offline)


def _kubeconfig(plan: Plan, cloud: pulumi.ProviderResource | None, *, offline: bool) -> pulumi.Input[str]:
    """A path, or the text of what was looked up, which is exported for the commands that ask the cluster."""
    if plan.looked_up is None or cloud is None:
        return str(kubeconfig_path(plan.cluster, ROOT))
    from stacks import aws_cloud  # noqa: PLC0415 - as above

    found = unknown() if offline else aws_cloud.looked_up(plan.looked_up.cluster, plan.looked_up.region, cloud)
    pulumi.export(KUBECONFIG_OUTPUT, found)
    return found


def _endpoint(
    one: EndpointPlan,
    plan: Plan,
    namespace_name: pulumi.Input[str],
    pool: GpuNodePool,
    credentials: NgcCredentials | None,
    opts: pulumi.ResourceOptions,
) -> NimEndpoint:
    args = NimEndpointArgs(
        namespace=namespace_name,
        image=one.image,
        profile=one.profile,
        profile_value=one.choice.written,
        replicas=one.replicas,
        pool=pool,
        credentials=credentials,
        claim_name=one.claim_name,
        cache_size_bytes=one.cache_bytes,
        access_mode=one.access_mode,
        storage_class=plan.storage_class,
        protect_cache=plan.protect_caches,
        kept_claims=one.kept_claims,
        download_seconds=one.download_seconds,
        start_up_seconds=one.start_up_seconds,
        lists_profiles=one.lists_profiles,
        check=one.check if one.unchecked is None else None,
        surge=one.rollout.strategy is rollout.Strategy.SURGE,
        launcher=one.launcher,
        port=one.port,
        adapters=one.adapters,
        group=one.group,
        args=one.container.args,
        env=one.container.env,
        pod_annotations=one.pod_annotations,
        adopted=one.adopted,
    )
    return NimEndpoint(one.name, args, opts)
