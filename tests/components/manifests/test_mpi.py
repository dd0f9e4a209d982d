"""The scripts of a group of 1.x run for real, with stand-ins for ssh-keygen, sshd and mpirun that say what they got."""

import os
import shutil
import socket
import subprocess
from pathlib import Path

import pytest

from pulumi_nim.manifests import mpi

KEYGEN = """#!/bin/sh
for word; do last=$word; done
case "$*" in
  *-y*) echo "public of $(cat "$last")" ;;
  *) echo "private of $$" > "$last"; echo public > "$last.pub" ;;
esac
"""
SAYS = '#!/bin/sh\necho "$0 $*"\n'


class Pod:
    """One pod's folders; the cache is shared."""

    def __init__(self, root: Path, name: str) -> None:
        self.home, self.cache, self.bin = root / name, root / "cache", root / "bin"
        self.name = name
        self.home.mkdir()
        self.bin.mkdir(exist_ok=True)
        for program, text in (("ssh-keygen", KEYGEN), ("sshd", SAYS), ("mpirun", SAYS)):
            (self.bin / program).write_text(text)
            (self.bin / program).chmod(0o755)
        (root / "sshd_config").touch()

    def start(self, command: list[str], **env: str) -> subprocess.Popen[str]:
        *bash, script = command
        assert mpi.SSH_FOLDER in script
        for theirs, ours in (
            (mpi.SSH_FOLDER, self.home),
            ("/usr/sbin/sshd", self.bin / "sshd"),
            ("/etc/ssh/sshd_config", self.home.parent / "sshd_config"),
        ):
            script = script.replace(theirs, str(ours))
        environment = {
            "PATH": f"{self.bin}:{os.environ['PATH']}",
            "NIM_CACHE_PATH": str(self.cache),
            "HOSTNAME": self.name,
            "GPUS_PER_NODE": "8",
            "LWS_GROUP_SIZE": "2",
            "LWS_LEADER_ADDRESS": "llama-0.llama-0.nim",
            "CLUSTER_START_TIMEOUT": "4",
            **env,
        }
        return subprocess.Popen(
            [*bash, script], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    output, _ = process.communicate(timeout=30)
    return process.returncode, output


def test_pods_that_start_at_once_take_one_key(tmp_path: Path) -> None:
    pods = [Pod(tmp_path, f"llama-0-{number}") for number in range(1, 5)]
    started = [pod.start(mpi.worker_command()) for pod in pods]
    assert {ended(process)[0] for process in started} == {0}
    keys = {(pod.home / "id_rsa").read_text() for pod in pods}
    assert len(keys) == 1
    assert [path.name for path in (tmp_path / "cache").iterdir()] == [".group-key"]
    assert {(pod.home / "authorized_keys").read_text() for pod in pods} == {f"public of {keys.pop()}"}


def test_the_key_is_for_its_owner_alone(tmp_path: Path) -> None:
    pod = Pod(tmp_path, "llama-0-1")
    assert ended(pod.start(mpi.worker_command()))[0] == 0
    modes = {oct(path.stat().st_mode & 0o777) for path in (pod.home / "id_rsa", tmp_path / "cache/.group-key")}
    assert modes == {"0o600"}


def test_a_group_that_is_made_anew_keeps_its_key(tmp_path: Path) -> None:
    first, second = Pod(tmp_path, "a"), Pod(tmp_path, "b")
    assert ended(first.start(mpi.worker_command()))[0] == 0
    assert ended(second.start(mpi.worker_command()))[0] == 0
    assert (first.home / "id_rsa").read_text() == (second.home / "id_rsa").read_text()


def test_a_worker_serves_ssh_on_the_port_that_the_leader_waits_for(tmp_path: Path) -> None:
    pod = Pod(tmp_path, "llama-0-1")
    code, output = ended(pod.start(mpi.worker_command()))
    assert code == 0
    assert f"sshd -D -e -p {mpi.PORT} -f {pod.home}/sshd_config -h {pod.home}/host_key" in output


def test_the_leader_starts_a_rank_a_gpu_on_every_host_once_the_workers_answer(tmp_path: Path) -> None:
    pod = Pod(tmp_path, "llama-0")
    command = mpi.leader_command(["NIM_MODEL_PROFILE", "NGC_API_KEY", "NIM_NODE_RANK", "NIM_LEADER_ROLE"])
    with socket.create_server(("127.0.0.1", 0)) as worker:
        port = worker.getsockname()[1]
        # A name that resolves, and a port that is free here.
        script = command[-1].replace('"/dev/tcp/$worker/2222"', f'"/dev/tcp/127.0.0.1/{port}"')
        code, output = ended(pod.start([*command[:-1], script]))
    assert code == 0
    assert (pod.home / "hosts").read_text() == "localhost slots=8\nllama-0-1.llama-0.nim slots=8\n"
    assert output.split("mpirun ", 1)[1].strip() == (
        f"-n 16 --bind-to none --map-by slot --hostfile {pod.home}/hosts "
        f"-x NGC_API_KEY -x NIM_MODEL_PROFILE {mpi.PROGRAM}"
    )


def test_a_worker_that_never_answers_ends_the_leader_with_its_name(tmp_path: Path) -> None:
    pod = Pod(tmp_path, "llama-0")
    command = mpi.leader_command([])
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # not listening
        port = closed.getsockname()[1]
        script = command[-1].replace('"/dev/tcp/$worker/2222"', f'"/dev/tcp/127.0.0.1/{port}"')
        code, output = ended(pod.start([*command[:-1], script], CLUSTER_START_TIMEOUT="2"))
    assert code == 1
    assert output.splitlines()[-1] == "llama-0-1.llama-0.nim does not answer on port 2222 after 2 s"


@pytest.mark.parametrize("command", [mpi.worker_command(), mpi.leader_command(["A"])])
def test_the_scripts_are_ones_that_bash_can_read(command: list[str]) -> None:
    bash = shutil.which("bash")
    assert bash is not None
    assert subprocess.run([bash, "-n", "-c", command[-1]], check=False).returncode == 0


def test_no_value_of_a_variable_stands_in_a_command() -> None:
    assert "$NGC_API_KEY" not in mpi.leader_command(["NGC_API_KEY"])[-1]
