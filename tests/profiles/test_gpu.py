from nim_profiles.gpu import Gpu
from nim_profiles.units import MIB


def test_memory_is_shown_in_whole_mib_as_on_the_node_label() -> None:
    gpu = Gpu("NVIDIA-L40S", "L40S", 45776 * MIB + 1, (8, 9), "Ada Lovelace")
    assert gpu.memory_mib == 45776
