import os
import subprocess
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import pytest

from nim_sandbox import wrappers
from nim_sandbox.download import DownloadFailed
from nim_sandbox.environment import sandbox_environment
from nim_sandbox.folder import SandboxFolder
from nim_sandbox.wrappers import pulumi_wrapper, stand_in

KEYS = ["KUBECONFIG", "PULUMI_BACKEND_URL", "PULUMI_CONFIG_PASSPHRASE", "PULUMI_HOME", "PULUMI_SKIP_UPDATE_CHECK"]


@pytest.fixture
def local(tmp_path: Path) -> SandboxFolder:
    folder = SandboxFolder(tmp_path / "it's a $folder" / "local")
    folder.pulumi_state.mkdir(parents=True)
    folder.kubeconfig.touch()
    return folder


def seen_by_pulumi(local: SandboxFolder, tmp_path: Path, *words: str, **given: str) -> dict[str, str]:
    """What reaches a program that stands in for pulumi and prints its environment."""
    stands_in = tmp_path / "environment"
    stands_in.write_text("#!/bin/sh\nexec env\n")
    stands_in.chmod(0o755)
    wrapper = tmp_path / "pulumi"
    wrapper.write_text(pulumi_wrapper(stands_in, local.root.parent))
    environ = {key: value for key, value in os.environ.items() if key not in [*KEYS, "NIM_SANDBOX_HOME"]}
    called = ["sh", str(wrapper), *(words or ("up", "--stack", "local"))]
    shown = subprocess.run(called, env=environ | given, capture_output=True, text=True, check=True).stdout.splitlines()
    return {key: value for key, _, value in (line.partition("=") for line in shown) if key in KEYS}


@pytest.mark.parametrize("words", ["up -s local", "up --yes --stack local", "-s=local preview", "up --stack=local"])
def test_pulumi_asked_for_the_stack_local_meets_its_sandbox(local: SandboxFolder, tmp_path: Path, words: str) -> None:
    assert seen_by_pulumi(local, tmp_path, *words.split()) == sandbox_environment(local)


@pytest.mark.parametrize("words", ["up", "up -s dev", "stack ls", "up --stack locals", "up --stack=my-local"])
def test_the_state_of_another_stack_never_comes_to_lie_in_the_sandbox(
    local: SandboxFolder, tmp_path: Path, words: str
) -> None:
    assert seen_by_pulumi(local, tmp_path, *words.split()) == {}


def test_what_is_set_already_wins_even_if_it_is_empty(local: SandboxFolder, tmp_path: Path) -> None:
    seen = seen_by_pulumi(local, tmp_path, PULUMI_BACKEND_URL="s3://mine", PULUMI_CONFIG_PASSPHRASE="")
    assert (seen["PULUMI_BACKEND_URL"], seen["PULUMI_CONFIG_PASSPHRASE"]) == ("s3://mine", "")
    assert seen["KUBECONFIG"] == str(local.kubeconfig)


def test_the_variable_that_moves_all_sandboxes_moves_this_one_too(local: SandboxFolder, tmp_path: Path) -> None:
    elsewhere = SandboxFolder(tmp_path / "nowhere" / "local")
    assert seen_by_pulumi(elsewhere, tmp_path, NIM_SANDBOX_HOME=str(local.root.parent)) == sandbox_environment(local)


def test_without_the_sandbox_pulumi_is_plain_pulumi(tmp_path: Path) -> None:
    assert seen_by_pulumi(SandboxFolder(tmp_path / "none"), tmp_path) == {}


def test_arguments_reach_pulumi_unchanged(local: SandboxFolder, tmp_path: Path) -> None:
    wrapper = tmp_path / "pulumi"
    wrapper.write_text(pulumi_wrapper(Path("/usr/bin/printf"), local.root.parent))
    shown = subprocess.run(["sh", str(wrapper), "<%s>", "a b", "$c"], capture_output=True, text=True, check=True)
    assert shown.stdout == "<a b><$c>"


def test_a_stand_in_runs_our_module_in_this_virtual_environment() -> None:
    text = stand_in("nim_sandbox.language_plugin", Path("/v env/bin/python"))
    assert text == "#!/bin/sh\nexec '/v env/bin/python' -m nim_sandbox.language_plugin \"$@\"\n"


@dataclass(frozen=True)
class Machine:
    """A virtual environment, a folder on PATH and a home of the test's own, without a network."""

    venv: Path
    path: Path
    home: Path
    said: list[str]

    def put_within_reach(self, pulumi: Path) -> None:
        self.said.clear()
        wrappers.put_within_reach(pulumi, self.home / ".sandbox", self.said.append)

    def program(self, path: Path) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("#!/bin/sh\n")
        path.chmod(0o755)
        return path


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    made = Machine(tmp_path / "venv", tmp_path / "bin", tmp_path / "home", [])
    for folder in (made.venv, made.path, made.home):
        folder.mkdir()
    monkeypatch.setattr(wrappers, "VENV_BIN", made.venv)
    monkeypatch.setenv("PATH", str(made.path))
    monkeypatch.setenv("HOME", str(made.home))
    monkeypatch.delenv("PULUMI_HOME", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    def unreachable(*_: object) -> None:
        raise DownloadFailed

    monkeypatch.setattr("nim_sandbox.download.Downloads.fetch", unreachable)
    return made


def test_where_nothing_genuine_is_found_the_stand_ins_are_put_there_and_say_so_once(machine: Machine) -> None:
    cached = machine.program(machine.home / "cache" / "pulumi")
    machine.put_within_reach(cached)
    assert sorted(path.name for path in machine.venv.iterdir()) == [
        "pulumi",
        "pulumi-language-python",
        "pulumi-resource-aws",
        "pulumi-resource-kubernetes",
    ]
    names = ["pulumi-language-python:", "pulumi-resource-kubernetes", "pulumi-resource-aws"]
    assert [line.split()[0] for line in machine.said] == names
    machine.put_within_reach(cached)
    assert machine.said == []


def test_a_stock_pulumi_on_path_is_left_alone_and_what_we_put_there_earlier_goes(machine: Machine) -> None:
    machine.put_within_reach(machine.program(machine.home / "cache" / "pulumi"))
    stock = machine.program(machine.path / "pulumi")
    for plugin in ("pulumi-language-python", "pulumi-resource-aws", "pulumi-resource-kubernetes"):
        machine.program(machine.path / plugin)
    machine.put_within_reach(stock)
    assert list(machine.venv.iterdir()) == []


def test_a_genuine_plugin_in_pulumis_home_is_linked_since_the_sandbox_has_a_home_of_its_own(machine: Machine) -> None:
    folder = f"resource-kubernetes-v{metadata.version('pulumi-kubernetes')}"
    genuine = machine.program(machine.home / ".pulumi" / "plugins" / folder / "pulumi-resource-kubernetes")
    machine.put_within_reach(machine.program(machine.home / "cache" / "pulumi"))
    assert (machine.venv / "pulumi-resource-kubernetes").resolve() == genuine


def test_a_genuine_plugin_that_comes_later_takes_the_stand_ins_place(machine: Machine) -> None:
    cached = machine.program(machine.home / "cache" / "pulumi")
    machine.put_within_reach(cached)
    folder = f"resource-kubernetes-v{metadata.version('pulumi-kubernetes')}"
    genuine = machine.program(machine.home / ".pulumi" / "plugins" / folder / "pulumi-resource-kubernetes")
    machine.put_within_reach(cached)
    assert (machine.venv / "pulumi-resource-kubernetes").resolve() == genuine
