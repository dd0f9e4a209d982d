from pathlib import Path

from nim_sandbox.cache import Cache
from nim_sandbox.folder import SandboxFolder
from nim_sandbox.node.store import store


def test_the_first_node_keeps_its_images_in_the_cache_and_a_second_one_in_its_own_folder(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache")
    first = store(SandboxFolder(tmp_path / "a"), cache)
    second = store(SandboxFolder(tmp_path / "b"), cache)
    assert first.folder == tmp_path / "cache/node-images/containerd"
    assert second.folder == tmp_path / "b/node/containerd"
    assert first.lock is not None
    first.lock.close()
    third = store(SandboxFolder(tmp_path / "c"), cache)
    assert third.folder == first.folder
    assert third.lock is not None
    third.lock.close()
