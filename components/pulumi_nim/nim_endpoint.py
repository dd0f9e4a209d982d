"""One model behind one URL with all that it needs: nodes, credentials, cache, service."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Self

import pulumi

from nim_profiles.profile import Profile
from pulumi_nim.adopted import NOTHING, Adopted
from pulumi_nim.cache_size import AccessMode, Claim, access_mode, cache_size_bytes, claim_name
from pulumi_nim.endpoint_check import Check, EndpointCheck, EndpointCheckArgs
from pulumi_nim.gpu_node_pool import GpuNodePool
from pulumi_nim.images import Image
from pulumi_nim.launcher_files import launcher_files
from pulumi_nim.manifests.adapters import Adapters
from pulumi_nim.manifests.group import Group
from pulumi_nim.manifests.launcher import Launcher
from pulumi_nim.manifests.pod import Workload
from pulumi_nim.model_cache import Download, ModelCache, ModelCacheArgs
from pulumi_nim.ngc_credentials import NgcCredentials
from pulumi_nim.nim_service import NimService, NimServiceArgs
from pulumi_nim.profile_listing import ProfileListing, ProfileListingArgs
from pulumi_nim.start_up import Rates, download_seconds, start_up_seconds


@dataclass(frozen=True, kw_only=True)
class NimEndpointArgs:
    """Plain where it decides what exists. Pool and credentials are shared between endpoints, so they are passed in."""

    namespace: pulumi.Input[str]
    image: pulumi.Input[str]
    """Pinned by digest."""
    profile: Profile
    profile_value: str | None
    """What the container is told: the profile's id pins it; `default`, or None for nothing, lets it choose itself."""
    replicas: int
    pool: GpuNodePool
    credentials: NgcCredentials | None
    """None where images are pulled and models downloaded without a key, and where nothing is pulled at all."""
    claim_name: str
    cache_size_bytes: int
    access_mode: AccessMode
    storage_class: str | None
    protect_cache: bool
    start_up_seconds: int
    download_seconds: int | None = None
    """How long a Job may download into the cache before the pods roll; None: each pod downloads as it starts."""
    kept_claims: tuple[Claim, ...] = ()
    """Caches of earlier profiles; what leaves the list is deleted."""
    lists_profiles: bool = False
    """Whether a Job has the image list its profiles."""
    check: Check | None = None
    """Whether a Job asks the service after each roll-out, and for what."""
    surge: bool = False
    """Whether changes start a new replica before an old one ends; needs GPUs to spare, and a cache for two nodes."""
    launcher: Launcher | None = None
    """For a plain vLLM image; None: the image is a NIM."""
    port: int = 8000
    """Of container, probes and Service."""
    adapters: Adapters | None = None
    group: Group | None = None
    """Where one replica takes several nodes."""
    args: tuple[str, ...] = ()
    """Options of vLLM, for images that take them as the container's arguments."""
    env: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    pod_annotations: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    adopted: Adopted = NOTHING
    """Objects that exist and are taken over; `claim_name` is that of its claim, if it has one."""

    @classmethod
    def pinned(
        cls,
        name: str,
        image: str,
        profile: Profile,
        *,
        pool: GpuNodePool,
        replicas: int = 1,
        storage_class: str | None = None,
        rates: Rates | None = None,
        **more: Any,
    ) -> Self:  # Any: the other fields
        """What follows from a pinned profile where nobody says more, for the endpoint called `name`.

        Its own cache, named by content, with room for what the profile downloads and filled by a Job, and probes with
        the patience that this takes at `rates`. Raises BadImage where `image` has no digest.
        """
        access = access_mode(replicas, None)
        carried_bytes = profile.download_bytes or 0
        size_bytes = cache_size_bytes(carried_bytes)
        given = {
            "claim_name": claim_name(name, Image.parse(image).repository, profile, access, storage_class),
            "cache_size_bytes": size_bytes,
            "access_mode": access,
            "protect_cache": True,
            "download_seconds": download_seconds(carried_bytes or size_bytes, rates),
            "start_up_seconds": start_up_seconds(carried_bytes, rates),
            "profile_value": profile.id,
        }
        return cls(
            image=image,
            profile=profile,
            pool=pool,
            replicas=replicas,
            storage_class=storage_class,
            **{**given, **more},
        )


class NimEndpoint(pulumi.ComponentResource):
    """A pinned profile, served. Its cache is kept when the endpoint goes."""

    url: pulumi.Output[str]
    """Base URL of the OpenAI-compatible API inside the cluster."""

    def __init__(self, name: str, args: NimEndpointArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("nim:serving:NimEndpoint", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        files = None if args.launcher is None else launcher_files(name, args.namespace, args.launcher, self)
        workload = Workload(
            endpoint=name,
            namespace=args.namespace,
            image=args.image,
            profile=args.profile,
            profile_value=args.profile_value,
            replicas=args.replicas,
            node_selector=args.pool.node_selector,
            processors=args.pool.processors,
            start_up_seconds=args.start_up_seconds,
            claim_name=args.claim_name,
            surge=args.surge,
            pull_secret_name=args.credentials and args.credentials.pull_secret_name,
            api_key_secret_name=args.credentials and args.credentials.api_key_secret_name,
            credentials_version=args.credentials and args.credentials.version,
            launcher=args.launcher,
            launcher_map_names=files,
            port=args.port,
            adapters=args.adapters,
            group=args.group,
            args=args.args,
            env=args.env,
            pod_annotations=args.pod_annotations,
            adopted=args.adopted,
        )
        if args.lists_profiles:
            ProfileListing(name, ProfileListingArgs(workload=workload, after=(args.pool,)), child)
        download = None
        if args.download_seconds is not None:
            download = Download(workload=workload, seconds=args.download_seconds, after=(args.pool,))
        cache = ModelCache(
            name,
            ModelCacheArgs(
                endpoint=name,
                namespace=args.namespace,
                claim_name=args.claim_name,
                size_bytes=args.cache_size_bytes,
                access_mode=args.access_mode,
                storage_class=args.storage_class,
                adopted=args.adopted.claim is not None,
                protect=args.protect_cache,
                download=download,
                kept=args.kept_claims,
            ),
            child,
        )
        served = dataclasses.replace(workload, claim_name=cache.claim_name)
        service = NimService(name, NimServiceArgs(workload=served, after=(args.pool, cache)), child)
        if args.check is not None:
            asked = EndpointCheckArgs(workload=served, check=args.check, checked=service.content, after=(service,))
            EndpointCheck(name, asked, child)
        self.url = service.url
        self.register_outputs({"url": self.url})
