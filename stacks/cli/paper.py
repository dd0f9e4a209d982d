"""A preview on paper: the engine runs against a state of its own that is thrown away, with no secret and no cloud."""

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click
import yaml

from stacks import on_paper
from stacks.cli.engine import OFFLINE
from stacks.selected import ROOT
from stacks.settings import STAND_IN
from stacks.stack_file import stack_file_name

PASSPHRASE = "paper"  # noqa: S105 - of a state without secrets that lives for seconds


@dataclass(frozen=True, slots=True)
class Paper:
    """What one engine is called with."""

    environment: Mapping[str, str]
    options: tuple[str, ...]
    folder: Path


@contextmanager
def on(files: Path, stack: str) -> Iterator[Paper]:
    """For the stack file and lock file in `files`. Writes nothing beside a temporary folder."""
    with TemporaryDirectory(prefix="nim-paper-") as name:
        folder = Path(name)
        (folder / "state").mkdir()
        shutil.copy(ROOT / "Pulumi.yaml", folder)
        project = yaml.safe_load((folder / "Pulumi.yaml").read_text(encoding="utf-8"))
        (folder / "Pulumi.yaml").write_text(yaml.safe_dump({**project, "stackConfigDir": "."}), encoding="utf-8")
        config = folder / f"Pulumi.{stack}.yaml"
        content = yaml.safe_load((files / stack_file_name(stack)).read_text(encoding="utf-8"))
        config.write_text(yaml.safe_dump({"config": _without_secrets(content["config"])}), encoding="utf-8")
        environment = {
            **_without_clouds(os.environ),
            "PULUMI_BACKEND_URL": f"file://{folder}/state",
            "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE,
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            OFFLINE: "1",
            on_paper.FILES: str(files.resolve()),
        }
        words = ["pulumi", "stack", "init", stack, "--no-select"]
        done = subprocess.run(words, cwd=folder, env=environment, check=False, capture_output=True, text=True)
        if done.returncode:
            raise click.ClickException(done.stderr.strip() or done.stdout.strip())
        yield Paper(environment, ("--config-file", str(config)), folder)


def _without_clouds(environ: Mapping[str, str]) -> dict[str, str]:
    """No account, no cluster, no other state: what is on paper asks nobody."""
    foreign = ("AWS_", "PULUMI_ACCESS_TOKEN", "PULUMI_CONFIG", "KUBECONFIG")
    return {name: value for name, value in environ.items() if not name.startswith(foreign)}


def _without_secrets(value: Any) -> Any:  # Any: YAML
    """What is encrypted cannot be read without its key, and need not be."""
    if isinstance(value, dict):
        return STAND_IN["secure"] if "secure" in value else {key: _without_secrets(one) for key, one in value.items()}
    return [_without_secrets(one) for one in value] if isinstance(value, list) else value
