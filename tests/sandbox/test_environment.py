import os
import subprocess
from pathlib import Path

from nim_sandbox.environment import environment, export_lines, prepare
from nim_sandbox.folder import SandboxFolder
from nim_sandbox.tools import VENV_BIN

FOLDER = SandboxFolder(Path("/home/someone/with space/.sandbox/local"))


def test_everything_points_into_the_sandbox_and_the_venv_comes_first_once() -> None:
    assert environment(FOLDER, {"PATH": f"/usr/bin:{VENV_BIN}:/bin"}) == {
        "PATH": f"{VENV_BIN}:/usr/bin:/bin",
        "KUBECONFIG": "/home/someone/with space/.sandbox/local/kubeconfig",
        "PULUMI_BACKEND_URL": "file:///home/someone/with space/.sandbox/local/pulumi-state",
        "PULUMI_CONFIG_PASSPHRASE": "sandbox",
        "PULUMI_HOME": "/home/someone/with space/.sandbox/local/pulumi-home",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
    }


def test_a_shell_reads_back_what_was_written() -> None:
    variables = environment(FOLDER, os.environ)
    script = f'{export_lines(variables)}\nprintf "%s" "$KUBECONFIG"'
    shell = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True)
    assert shell.stdout == variables["KUBECONFIG"]


def test_preparing_makes_the_two_folders_that_pulumi_wants_and_nothing_else(tmp_path: Path) -> None:
    folder = SandboxFolder(tmp_path / "local")
    prepare(folder)
    assert sorted(path.name for path in folder.root.iterdir()) == ["pulumi-home", "pulumi-state"]
