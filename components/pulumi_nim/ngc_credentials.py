"""Credentials for NVIDIA's registry and model store, as the two Secrets that a NIM's pod needs."""

from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as k8s

from pulumi_nim.from_manifest import from_manifest
from pulumi_nim.manifests.credentials import api_key_secret, docker_config, pull_secret


@dataclass(frozen=True, kw_only=True)
class NgcCredentialsArgs:
    namespace: pulumi.Input[str]
    api_key: pulumi.Input[str]
    """NGC API key. Pass an Output that is marked secret (`Config.require_secret`)."""


class NgcCredentials(pulumi.ComponentResource):
    """Image pull secret and API key secret of one namespace. A changed key makes both anew under their names."""

    pull_secret_name: pulumi.Output[str]
    """Of type kubernetes.io/dockerconfigjson, for nvcr.io."""
    api_key_secret_name: pulumi.Output[str]
    """Holds NGC_API_KEY."""
    version: pulumi.Output[str]
    """Changes with every making of the API key's Secret, and with nothing else."""

    def __init__(self, name: str, args: NgcCredentialsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("nim:security:NgcCredentials", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        key = pulumi.Output.secret(args.api_key)
        pull_name, api_name = f"{name}-pull", f"{name}-api-key"
        config = pull_secret(pull_name, args.namespace, key.apply(docker_config))
        pull = from_manifest(k8s.core.v1.Secret, pull_name, config, child)
        api = from_manifest(k8s.core.v1.Secret, api_name, api_key_secret(api_name, args.namespace, key), child)
        self.pull_secret_name = pull.metadata.apply(lambda metadata: str(metadata.name))
        self.api_key_secret_name = api.metadata.apply(lambda metadata: str(metadata.name))
        self.version = api.metadata.apply(lambda metadata: str(metadata.uid))
        self.register_outputs({})
