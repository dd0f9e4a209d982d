from nim_launcher.finding import finder
from nim_profiles.profile import Artifact


def test_a_base_that_is_no_registry_is_asked_file_by_file() -> None:
    find = finder("https://mirror/{workspace}", "KEY", {})
    assert [find(Artifact(name, "ngc://x")).address for name in ("a", "b")] == [
        "https://mirror/KEY/a",
        "https://mirror/KEY/b",
    ]
