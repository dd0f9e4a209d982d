"""What every sandbox's API server holds from the start: kwok's role and the storage class. Applied as administrator."""

from importlib.resources import files
from pathlib import Path

import yaml
from lightkube import Client, KubeConfig
from lightkube.codecs import from_dict
from lightkube.core.exceptions import ApiError
from lightkube.resources.core_v1 import ServiceAccount

FIELD_MANAGER = "nim-sandbox"


def client(kubeconfig: Path) -> Client:
    """Of the kubeconfig's own context; no proxy and no environment is looked at. To be closed: use it with `with`."""
    return Client(config=KubeConfig.from_file(kubeconfig), field_manager=FIELD_MANAGER, trust_env=False)


def apply_objects(kubeconfig: Path) -> None:
    """Server-side apply of `data/objects.yaml`: the same whether they exist or not."""
    text = files("nim_sandbox").joinpath("data/objects.yaml").read_text(encoding="utf-8")
    with client(kubeconfig) as api:
        for item in yaml.safe_load_all(text):
            api.apply(from_dict(item), force=True)


def default_service_account_exists(kubeconfig: Path) -> bool:
    try:
        with client(kubeconfig) as api:
            api.get(ServiceAccount, "default", namespace="default")
    except ApiError as error:
        if error.status.code == 404:
            return False
        raise
    return True
