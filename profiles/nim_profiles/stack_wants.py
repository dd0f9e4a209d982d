"""What the stack files of a folder want: the image and the profile of every endpoint, read without Pulumi."""

from collections.abc import Iterator
from pathlib import Path

from nim_profiles.lock_check import Want
from nim_profiles.strict_yaml import BadYaml, Mapping, Node, Scalar, Sequence, read_yaml

ENDPOINTS_KEY = "nim:endpoints"
SELECTION_KEY = "nim:profile_selection"
ONLY_IDS = ("id",)
"""What a stack allows that says nothing of it."""
BUILT_ON_THE_MACHINE = "sandbox.local/"
"""Begins the reference of every image that a sandbox builds. No registry has that name, and no lock file such an image:
the digest is another one on every machine."""
NOT_BUILT = f"sha256:{'0' * 64}"
"""Stands for that digest in a preview on a machine that has not built the image."""


def read_wants(folder: Path) -> tuple[tuple[Want, ...], tuple[str, ...]]:
    """The wants of every `Pulumi.<stack>.yaml` in `folder`, and a fault for each file or endpoint that is unreadable.

    An endpoint without `image` or `profile` is left to the program itself, which knows whether it needs them; so is one
    whose image a sandbox builds.
    """
    wants: list[Want] = []
    faults: list[str] = []
    files = sorted(folder.glob("Pulumi.*.yaml"))
    if not files:
        faults.append(f"{folder}: has no stack file (Pulumi.<stack>.yaml). Name their folder with --stacks")
    for path in files:
        try:
            root = read_yaml(path.read_text(encoding="utf-8"))
        except BadYaml as error:
            faults += [f"{path}: line {line}: {why}" for line, why in error.faults]
            continue
        except (OSError, UnicodeDecodeError) as error:
            faults.append(f"{path}: cannot be read: {error}")
            continue
        config = _entry(root, "config")
        wants += _wants(_entry(config, ENDPOINTS_KEY), _allowed(_entry(config, SELECTION_KEY)), path)
    return tuple(wants), tuple(faults)


def _allowed(node: Node | None) -> tuple[str, ...]:
    if not isinstance(node, Sequence):
        return ONLY_IDS
    return tuple(item.text for item in node.items if isinstance(item, Scalar))


def _wants(endpoints: Node | None, allowed: tuple[str, ...], path: Path) -> Iterator[Want]:
    for name, endpoint in endpoints.entries.items() if isinstance(endpoints, Mapping) else ():
        image, profile = _entry(endpoint, "image"), _entry(endpoint, "profile")
        if not isinstance(image, Scalar) or not isinstance(profile, Scalar):
            continue
        if not image.text.startswith(BUILT_ON_THE_MACHINE):
            yield Want(image.text, profile.text, f"{path}: {ENDPOINTS_KEY}.{name}", allowed)


def _entry(node: Node | None, key: str) -> Node | None:
    return node.entries.get(key) if isinstance(node, Mapping) else None
