from pulumi_nim.manifests.gpu_operator import operator_namespace, operator_values


def test_no_driver_is_installed_beside_the_images_own() -> None:
    assert operator_values()["driver"] == operator_values()["toolkit"] == {"enabled": False}


def test_the_namespace_is_named_as_in_nvidias_guide() -> None:
    assert operator_namespace()["metadata"]["name"] == "gpu-operator"
