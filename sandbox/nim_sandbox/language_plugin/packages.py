"""Which packages an environment holds, asked of its own Python."""

import json
import subprocess
from pathlib import Path

ASK = (
    "import importlib.metadata as m, json;"
    "print(json.dumps(sorted({(d.metadata['Name'], d.version) for d in m.distributions()})))"
)


def installed_packages(python: Path) -> list[tuple[str, str]]:
    """Name and version of each, by name; empty where the Python does not run."""
    answer = subprocess.run([python, "-c", ASK], capture_output=True, text=True, check=False)
    if answer.returncode:
        return []
    return [(name, version) for name, version in json.loads(answer.stdout)]
