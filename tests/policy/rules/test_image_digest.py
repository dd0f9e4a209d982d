import pytest

from nim_policy.rules.image_digest import RULE
from tests.policy.samples import container, found, pod, server

DIGEST = f"@sha256:{'3' * 64}"


def test_images_by_digest_are_pinned() -> None:
    assert found(RULE, [server()]) == []


@pytest.mark.parametrize(
    ("image", "problem"),
    [
        ("nvcr.io/nim/x:2.0.6", "which has no digest; append @sha256:<64 hex>"),
        ("nvcr.io/nim/x:latest", "whose tag is `latest`; write the version, and its digest"),
        (f"nvcr.io/nim/x:latest{DIGEST}", "whose tag is `latest`; write the version, and its digest"),
    ],
)
def test_tags_alone_and_latest_are_not(image: str, problem: str) -> None:
    loose = server()
    container(loose)["image"] = image
    assert found(RULE, [loose]) == [f"container nim runs {image}, {problem}"]


def test_containers_that_run_before_the_server_count_too() -> None:
    loose = server()
    pod(loose)["initContainers"] = [{"name": "fetch", "image": "busybox"}]
    assert found(RULE, [loose]) == ["container fetch runs busybox, which has no digest; append @sha256:<64 hex>"]


def test_the_clusters_own_pods_are_left_alone() -> None:
    own = server(namespace="kube-system", image="nvcr.io/nvidia/k8s-device-plugin:v0.20.0")
    assert found(RULE, [own]) == []
