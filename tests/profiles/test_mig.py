import pytest

from nim_profiles.instance import UnknownInstanceType, gpu_of_product
from nim_profiles.mig import is_slice
from nim_profiles.units import GIB

H100 = "NVIDIA-H100-80GB-HBM3"


def test_a_slice_has_its_own_name_and_memory_and_the_rest_of_its_gpu() -> None:
    part, whole = gpu_of_product(f"{H100}-MIG-3g.40gb"), gpu_of_product(H100)
    assert (part.product, part.short_name) == (f"{H100}-MIG-3g.40gb", "H100 3g.40gb")
    assert part.memory_bytes == 38 * GIB
    assert part.compute_capability == whole.compute_capability


def test_a_slice_with_media_extensions_is_one_too() -> None:
    assert gpu_of_product(f"{H100}-MIG-1g.10gb.me").memory_bytes == int(9.5 * GIB)


def test_the_largest_slice_is_no_larger_than_its_gpu() -> None:
    assert gpu_of_product(f"{H100}-MIG-7g.80gb").memory_bytes <= gpu_of_product(H100).memory_bytes


def test_a_whole_gpu_is_no_slice() -> None:
    assert not is_slice(H100)
    assert gpu_of_product(H100).product == H100


def test_a_slice_of_a_gpu_that_is_none_is_refused_by_the_nearest_one() -> None:
    with pytest.raises(UnknownInstanceType, match="nearest: NVIDIA-H100-80GB-HBM3"):
        gpu_of_product("NVIDIA-H100-80GB-HBM-MIG-3g.40gb")
