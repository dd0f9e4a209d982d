import json

from nim_launcher.metadata import metadata
from nim_profiles.served_profile import Served, mismatch, read_metadata
from tests.launcher.samples import profile

PINNED = profile()


def test_a_check_of_nims_own_images_reads_what_we_say() -> None:
    served = read_metadata(json.dumps(metadata(PINNED, "tiny/llama", "1.0", "0.32.0")))
    assert served == Served(PINNED.id, PINNED.name, "1.0")
    assert mismatch(served, PINNED.id) is None
    assert mismatch(served, profile(precision="fp8").id) is not None
