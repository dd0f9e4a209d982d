from collections.abc import Callable
from typing import Any

import pulumi
import pytest

from nim_profiles.instance import instance_type
from nim_profiles.units import GIB
from pulumi_nim import (
    Check,
    ExistingNodes,
    GpuNodePool,
    GpuNodePoolArgs,
    ModelCache,
    ModelCacheArgs,
    NgcCredentials,
    NgcCredentialsArgs,
    NimEndpoint,
    NimEndpointArgs,
    NimService,
    NimServiceArgs,
    SimulatedNodes,
)
from pulumi_nim.cache_size import AccessMode, Claim
from pulumi_nim.manifests.group import Group, Runtime
from pulumi_nim.manifests.launcher import Launcher
from tests.components.samples import IMAGE, profile, workload
from tests.recording import Recording, Registered, record

G6E = instance_type("g6e.12xlarge")
DEPLOYMENT = "kubernetes:apps/v1:Deployment"
CLAIM = "kubernetes:core/v1:PersistentVolumeClaim"


def an_endpoint(*, protect: bool = True, with_key: bool = True, **more: Any) -> None:  # Any: real arguments
    pool = GpuNodePool("l40s", GpuNodePoolArgs(back_end=SimulatedNodes(instance_type=G6E, node_count=1)))
    key = pulumi.Output.secret("nvapi-made-up")
    NimEndpoint(
        "llama",
        NimEndpointArgs(
            namespace="nim",
            image=IMAGE,
            profile=profile(),
            profile_value="c" * 64,
            replicas=2,
            pool=pool,
            credentials=NgcCredentials("ngc", NgcCredentialsArgs(namespace="nim", api_key=key)) if with_key else None,
            claim_name="llama-cache-0123456789",
            cache_size_bytes=20 * GIB,
            access_mode=AccessMode.ONE_NODE,
            storage_class=None,
            protect_cache=protect,
            start_up_seconds=600,
            **more,
        ),
    )


@pytest.fixture(scope="module")
def endpoint() -> Recording:
    return record(an_endpoint)


def test_every_child_of_an_endpoint_has_a_component_for_parent(endpoint: Recording) -> None:
    orphans = [resource.name for resource in endpoint.resources if resource.parent in ("", "nim-test")]
    assert sorted(orphans) == ["l40s", "llama", "ngc"]


def test_urns_of_an_endpoint_are_a_promise(endpoint: Recording) -> None:
    assert sorted(f"{one.type} {one.name}" for one in endpoint.resources) == [
        "kubernetes:apps/v1:Deployment llama",
        "kubernetes:core/v1:Node l40s-0",
        "kubernetes:core/v1:PersistentVolumeClaim llama-cache-0123456789",
        "kubernetes:core/v1:Secret ngc-api-key",
        "kubernetes:core/v1:Secret ngc-pull",
        "kubernetes:core/v1:Service llama",
        "kubernetes:core/v1:ServiceAccount llama",
        "kubernetes:policy/v1:PodDisruptionBudget llama",
        "nim:compute:GpuNodePool l40s",
        "nim:security:NgcCredentials ngc",
        "nim:serving:NimEndpoint llama",
        "nim:serving:NimService llama",
        "nim:storage:ModelCache llama",
    ]


def test_the_pods_get_the_names_that_exist(endpoint: Recording) -> None:
    spec = endpoint.one(DEPLOYMENT).inputs["spec"]["template"]["spec"]
    assert spec["serviceAccountName"] == "llama"
    assert spec["imagePullSecrets"] == [{"name": "ngc-pull"}]
    assert spec["volumes"][0]["persistentVolumeClaim"]["claimName"] == "llama-cache-0123456789"
    assert spec["containers"][0]["env"][-1]["valueFrom"]["secretKeyRef"]["name"] == "ngc-api-key"


def test_every_name_is_fixed_so_that_an_interrupted_up_finds_what_it_made(endpoint: Recording) -> None:
    objects = [one for one in endpoint.resources if one.type.startswith("kubernetes:")]
    assert [one.name for one in objects if "name" not in one.inputs["metadata"]] == []


def test_pods_roll_when_the_keys_secret_is_made_anew(endpoint: Recording) -> None:
    annotations = endpoint.one(DEPLOYMENT).inputs["spec"]["template"]["metadata"]["annotations"]
    assert annotations["pulumi-nim/credentials"] == "ngc-api-key-uid"


def test_wire_format_reaches_the_engine_untouched(endpoint: Recording) -> None:
    container = endpoint.one(DEPLOYMENT).inputs["spec"]["template"]["spec"]["containers"][0]
    assert container["resources"]["limits"] == {"nvidia.com/gpu": "1"}
    assert container["volumeMounts"] == [{"name": "cache", "mountPath": "/opt/nim/.cache"}]


def test_the_key_stands_in_no_request_outside_a_secret(endpoint: Recording) -> None:
    told = [str(resource.inputs) for resource in endpoint.resources if resource.type != "kubernetes:core/v1:Secret"]
    assert not any("nvapi-made-up" in text for text in told)
    assert "nvapi-made-up" in str(endpoint.of("kubernetes:core/v1:Secret"))


def test_the_claim_is_protected_and_kept(endpoint: Recording) -> None:
    claim = endpoint.one(CLAIM)
    assert (claim.protect, claim.retain_on_delete) == (True, True)


def test_protection_can_be_lifted_but_the_claim_is_still_kept() -> None:
    claim = record(lambda: an_endpoint(protect=False)).one(CLAIM)
    assert (claim.protect, claim.retain_on_delete) == (False, True)


def test_the_roll_out_may_take_as_long_as_its_replicas_need(endpoint: Recording) -> None:
    assert endpoint.one(DEPLOYMENT).create_timeout == f"{(900 + 600) * 2}s"


def test_the_service_comes_after_the_pods(endpoint: Recording) -> None:
    assert f"{DEPLOYMENT} llama" in endpoint.one("kubernetes:core/v1:Service").depends_on


def test_the_pods_come_after_the_nodes(endpoint: Recording) -> None:
    assert "kubernetes:core/v1:Node l40s-0" in endpoint.one(DEPLOYMENT).depends_on


def test_the_url_is_the_services(endpoint: Recording) -> None:
    (outputs,) = (value for urn, value in endpoint.outputs.items() if urn.endswith("NimEndpoint::llama"))
    assert outputs == {"url": "http://llama.nim.svc:8000/v1"}


def test_without_credentials_no_secret_exists() -> None:
    recording = record(lambda: an_endpoint(with_key=False))
    assert recording.of("kubernetes:core/v1:Secret") == []
    assert "imagePullSecrets" not in recording.one(DEPLOYMENT).inputs["spec"]["template"]["spec"]


def test_existing_nodes_create_nothing_and_are_found_by_product() -> None:
    pools = []

    def program() -> None:
        back_end = ExistingNodes(gpu=G6E.gpu, node_labels={"team": "a"})
        pools.append(GpuNodePool("l40s", GpuNodePoolArgs(back_end=back_end)))

    recording = record(program)
    assert [one.type for one in recording.resources] == ["nim:compute:GpuNodePool"]
    assert pools[0].node_selector == {"nvidia.com/gpu.product": "NVIDIA-L40S", "team": "a"}


def test_simulated_nodes_are_spread_over_zones() -> None:
    back_end = SimulatedNodes(instance_type=G6E, node_count=4, zones=("a", "b"))
    nodes = record(lambda: GpuNodePool("l40s", GpuNodePoolArgs(back_end=back_end))).of("kubernetes:core/v1:Node")
    zones = [node.inputs["metadata"]["labels"]["topology.kubernetes.io/zone"] for node in nodes]
    assert sorted(zones) == ["a", "a", "b", "b"]


JOB = "kubernetes:batch/v1:Job"
CONFIG_MAP = "kubernetes:core/v1:ConfigMap"


def everything() -> None:
    an_endpoint(
        download_seconds=600,
        kept_claims=(Claim("llama-cache-before", 10 * GIB, AccessMode.ONE_NODE),),
        lists_profiles=True,
        check=Check(pinned_id="c" * 64, adapters=(), program={"endpoint_check.py": "print()"}),
    )


@pytest.fixture(scope="module")
def full() -> Recording:
    return record(everything)


def job_of(recording: Recording, name: str) -> Registered:
    (found,) = [one for one in recording.of(JOB) if one.name == name]
    return found


def test_urns_of_the_jobs_are_a_promise_too(full: Recording, endpoint: Recording) -> None:
    def urns(recording: Recording) -> set[str]:
        return {f"{one.parent}: {one.type} {one.name}" for one in recording.resources}

    assert sorted(urns(full) - urns(endpoint)) == [
        "llama: kubernetes:batch/v1:Job llama-check",
        "llama: kubernetes:batch/v1:Job llama-download",
        "llama: kubernetes:batch/v1:Job llama-profiles",
        "llama: kubernetes:core/v1:ConfigMap llama-check",
        "llama: kubernetes:core/v1:PersistentVolumeClaim llama-cache-before",
        "llama: nim:inspection:EndpointCheck llama",
        "llama: nim:inspection:ProfileListing llama",
    ]


def test_the_cache_is_full_before_the_pods_roll_and_the_check_comes_last(full: Recording) -> None:
    download, check = job_of(full, "llama-download"), job_of(full, "llama-check")
    assert {f"{CLAIM} llama-cache-0123456789", "kubernetes:core/v1:Node l40s-0"} <= {*download.depends_on}
    assert f"{JOB} llama-download" in full.one(DEPLOYMENT).depends_on
    assert {"kubernetes:core/v1:Service llama", f"{CONFIG_MAP} llama-check"} <= {*check.depends_on}


def test_a_download_fills_the_claim_that_the_pods_mount(full: Recording) -> None:
    download = job_of(full, "llama-download").inputs["spec"]["template"]["spec"]["volumes"]
    served = full.one(DEPLOYMENT).inputs["spec"]["template"]["spec"]["volumes"]
    assert download == served[:1]


def test_a_job_is_waited_for_as_long_as_it_may_take(full: Recording) -> None:
    assert job_of(full, "llama-download").create_timeout == f"{900 + 2 * 600 + 60}s"


def test_an_earlier_claim_is_kept_only_as_long_as_it_is_named(full: Recording) -> None:
    (kept,) = [one for one in full.of(CLAIM) if one.name == "llama-cache-before"]
    assert (kept.protect, kept.retain_on_delete, kept.ignore_changes) == (False, False, ("spec",))


def test_the_claim_is_known_under_its_former_name(endpoint: Recording) -> None:
    assert endpoint.one(CLAIM).aliases == ("llama",)


def test_the_files_of_the_launcher_are_known_under_their_former_parent() -> None:
    launcher = Launcher(
        program=b"zip", manifest="profiles: []\n", pre_stop={}, drain_seconds=30, grace_period_seconds=46
    )
    recording = record(lambda: an_endpoint(launcher=launcher, download_seconds=600))
    assert [(one.name, one.parent) for one in recording.of(CONFIG_MAP)] == [
        ("llama-launcher", "llama"),
        ("llama-manifest", "llama"),
    ]
    formerly = {alias for one in recording.of(CONFIG_MAP) for alias in one.aliases}
    assert [urn.partition("$")[2] for urn in formerly] == ["nim:serving:NimEndpoint$nim:serving:NimService::llama"]
    after = job_of(recording, "llama-download").depends_on
    assert {f"{CONFIG_MAP} llama-launcher", f"{CONFIG_MAP} llama-manifest"} <= {*after}


@pytest.mark.parametrize(
    "make",
    [
        lambda: NimService("llama", NimServiceArgs(workload=workload())),
        lambda: ModelCache(
            "llama",
            ModelCacheArgs(
                endpoint="llama",
                namespace="nim",
                claim_name="llama-cache-0123456789",
                size_bytes=20 * GIB,
                access_mode=AccessMode.ONE_NODE,
            ),
        ),
    ],
)
def test_each_component_stands_alone(make: Callable[[], object]) -> None:
    assert record(make).resources


def test_several_nodes_for_one_replica_are_a_leader_worker_set_that_the_engine_waits_for() -> None:
    def program() -> None:
        group = Group(size=2, runtime=Runtime.RAY)
        one = workload(profile=profile(8, 2), group=group)
        NimService("llama", NimServiceArgs(workload=one))

    recording = record(program)
    made = recording.one("kubernetes:leaderworkerset.x-k8s.io/v1:LeaderWorkerSet")
    assert recording.of(DEPLOYMENT) == []
    assert made.create_timeout == f"{(900 + 601) * 2}s"
    assert made.inputs["spec"]["leaderWorkerTemplate"]["leaderTemplate"]["spec"]["serviceAccountName"] == "llama"
    assert f"{made.type} llama" in recording.one("kubernetes:core/v1:Service").depends_on
