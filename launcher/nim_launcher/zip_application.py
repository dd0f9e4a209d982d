"""The launcher as one file that any Python >= 3.11 with PyYAML runs: `python3 nim-launcher.zip`.

    python -m nim_launcher.zip_application nim-launcher.zip

Stored, not compressed: two builds of zlib may compress the same text differently, and a ConfigMap that changes rolls
all pods.
"""

import ast
import importlib.util
import io
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

from nim_launcher.nvml import VENDORED

OURS = ("nim_launcher", "nim_profiles")
NOT_IN_THE_POD = "nim_launcher.zip_application"
CONFIG_MAP_LIMIT_BYTES = 1 << 20
"""Kubernetes refuses larger ones; the manifest stands in a ConfigMap of its own."""
MAIN = """\
import sys

if sys.version_info < (3, 11):
    sys.stderr.write("nim-launcher: [engine, exit 74] this Python is older than 3.11. Use a newer vLLM image\\n")
    sys.exit(74)
from nim_launcher.cli import main

main()
"""


def build() -> bytes:
    """The same bytes for the same source, on every machine. Raises OSError where pynvml is not installed."""
    files = {"__main__.py": MAIN.encode(), f"{VENDORED}/__init__.py": b"", **dict(_sources()), **dict(_data())}
    files[f"{VENDORED}/pynvml.py"] = _path("pynvml").read_bytes()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name)  # 1980-01-01
            entry.create_system = 3  # Unix, wherever this runs
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, files[name].replace(b"\r\n", b"\n"))
    return buffer.getvalue()


def _sources() -> Iterator[tuple[str, bytes]]:
    """All of this package, and of nim_profiles what it imports, directly or not."""
    package = Path(__file__).parent
    waiting = [f"nim_launcher.{path.stem}" for path in package.glob("*.py") if path.stem != "__init__"]
    waiting.append("nim_launcher")
    seen = {NOT_IN_THE_POD}
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        path = _path(name)
        source = path.read_bytes()
        stem = name.replace(".", "/")
        yield (f"{stem}/__init__.py" if path.stem == "__init__" else f"{stem}.py"), source
        waiting += _imports(source)


def _imports(source: bytes) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        for name in names:
            parts = name.split(".")
            if parts[0] in OURS:
                yield from (".".join(parts[:end]) for end in range(1, len(parts) + 1) if _is_module(parts[:end]))


def _is_module(parts: list[str]) -> bool:
    root = _path(parts[0]).parent
    inner = root.joinpath(*parts[1:])
    return inner.is_dir() or inner.with_suffix(".py").is_file()


def _path(module: str) -> Path:
    spec = importlib.util.find_spec(module)
    if spec is None or spec.origin is None:
        raise FileNotFoundError(f"{module} is not installed: install nim-launcher with its dependencies")
    return Path(spec.origin)


def _data() -> Iterator[tuple[str, bytes]]:
    folder = _path("nim_profiles").parent / "data" / "vllm_options"
    for path in folder.glob("*.json"):
        yield f"nim_profiles/data/vllm_options/{path.name}", path.read_bytes()


if __name__ == "__main__":
    Path(sys.argv[1]).write_bytes(build())
