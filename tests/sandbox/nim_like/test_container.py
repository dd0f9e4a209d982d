from nim_profiles.instance import gpu_of_product
from tests.sandbox.nim_like.made import Made


def test_variables_say_generation_gpus_and_place_of_the_weights(container: Made) -> None:
    one = container(
        NIM_LIKE_GENERATION="1",
        NIM_LIKE_GPU="NVIDIA-L40S",
        NIM_LIKE_GPU_COUNT="2",
        NIM_REPOSITORY_OVERRIDE="http://mirror/tiny/",
        NIM_SERVER_PORT="9000",
    )
    assert (one.generation, one.gpu, one.gpu_count, one.port) == (1, gpu_of_product("NVIDIA-L40S"), 2, 9000)
    assert (one.source, one.needs_key) == ("http://mirror/tiny", False)
    assert [gpu.index for gpu in one.listed_gpus] == [0, 1]


def test_without_a_product_there_is_no_gpu(container: Made) -> None:
    one = container(NIM_LIKE_GPU="", NIM_LIKE_GPU_COUNT="2")
    assert (one.gpu, one.gpu_count, one.listed_gpus) == (None, 0, ())


def test_ngc_asks_for_a_key(container: Made) -> None:
    assert container().needs_key
