import pytest

from nim_profiles.instance import UnknownInstanceType, gpu_of_product
from nim_profiles.mig import LEAST_FRACTION, LEAST_SEEN_GIB, is_slice
from nim_profiles.units import GIB

H100 = "NVIDIA-H100-80GB-HBM3"


def test_a_slice_has_its_own_name_and_memory_and_the_rest_of_its_gpu() -> None:
    part, whole = gpu_of_product(f"{H100}-MIG-3g.40gb"), gpu_of_product(H100)
    assert (part.product, part.short_name) == (f"{H100}-MIG-3g.40gb", "H100 3g.40gb")
    assert part.memory_bytes == int(39.25 * GIB)
    assert part.compute_capability == whole.compute_capability


def test_a_slice_with_media_extensions_is_one_too() -> None:
    assert gpu_of_product(f"{H100}-MIG-1g.10gb.me").memory_bytes == int(9.5 * GIB)


@pytest.mark.parametrize(
    ("product", "gib"),
    [
        ("NVIDIA-A100-SXM4-40GB-MIG-1g.5gb", 4.75),
        ("NVIDIA-H200-MIG-1g.18gb", 16.0),
        ("NVIDIA-B200-MIG-1g.23gb", 20.5),
        ("NVIDIA-RTX-PRO-6000-Blackwell-Server-Edition-MIG-1g.24gb.me.all", 20.0),
    ],
)
def test_the_smallest_slices_have_much_less_than_their_names_say(product: str, gib: float) -> None:
    assert gpu_of_product(product).memory_bytes == int(gib * GIB)


def test_a_slice_that_nobody_has_measured_is_taken_for_small() -> None:
    assert gpu_of_product("NVIDIA-B300-SXM6-AC-MIG-1g.34gb").memory_bytes == int(34 * LEAST_FRACTION * GIB)
    assert all(seen >= named * LEAST_FRACTION for named, seen in LEAST_SEEN_GIB.items())


def test_the_largest_slice_is_no_larger_than_its_gpu() -> None:
    assert gpu_of_product(f"{H100}-MIG-7g.80gb").memory_bytes <= gpu_of_product(H100).memory_bytes


def test_a_whole_gpu_is_no_slice() -> None:
    assert not is_slice(H100)
    assert gpu_of_product(H100).product == H100


def test_a_slice_of_a_gpu_that_is_none_is_refused_by_the_nearest_one() -> None:
    with pytest.raises(UnknownInstanceType, match="nearest: NVIDIA-H100-80GB-HBM3"):
        gpu_of_product("NVIDIA-H100-80GB-HBM-MIG-3g.40gb")
