"""How the pods of a group start one NIM of 1.x over MPI: the leader reaches its workers by SSH and starts all ranks.

After the multi-node template of NVIDIA's nim-llm chart (NVIDIA/nim-deploy, read 2026-11): ports, folders and what is
run are its own. Two things differ. The list of hosts is made from the controller's variables when a pod starts. And the
key of the group is made by its first pod on the cache that all of them mount: no Secret, state or manifest has it.
"""

from collections.abc import Sequence

PORT = 2222
"""Of sshd; the chart's."""
SSH_FOLDER = "/opt/nim/llm/.ssh"
"""Of the user that images of 1.x run as; a volume, so that it can be written."""
PROGRAM = "/opt/nim/start-mpi-cluster.sh"
"""What mpirun starts, once a GPU."""
OF_ONE_POD = ("NIM_NODE_RANK", "NIM_LEADER_ROLE")
"""Variables that the leader does not hand on to the ranks on other nodes."""

_KEY = f"""\
set -eu
umask 077
own="{SSH_FOLDER}"
shared="$NIM_CACHE_PATH/.group-key"
mkdir -p "$own" "$NIM_CACHE_PATH"
if [ ! -s "$shared" ]; then
  fresh="$shared.$HOSTNAME"
  rm -f "$fresh" "$fresh.pub"
  ssh-keygen -q -t rsa -b 3072 -N '' -C group -f "$fresh"
  # A link is made or it is not: of several pods one wins, and all take its key.
  ln "$fresh" "$shared" 2>/dev/null || true
  rm -f "$fresh" "$fresh.pub"
fi
cp "$shared" "$own/id_rsa"
chmod 600 "$own/id_rsa"
ssh-keygen -y -f "$own/id_rsa" > "$own/authorized_keys"
printf 'Host *\\n  Port {PORT}\\n  IdentityFile %s\\n  StrictHostKeyChecking no\\n  UserKnownHostsFile /dev/null\\n' \\
  "$own/id_rsa" > "$own/config"
"""

_WORKER = f"""\
cp /etc/ssh/sshd_config "$own/sshd_config"
ssh-keygen -q -t rsa -N '' -f "$own/host_key"
# Everybody may write to a fresh volume, and sshd would not trust a folder like that.
exec /usr/sbin/sshd -D -e -p {PORT} -f "$own/sshd_config" -h "$own/host_key" -o StrictModes=no -o PidFile=none
"""

_LEADER = f"""\
# llama-0.llama-0.nim leads llama-0-1.llama-0.nim
hosts="$own/hosts"
echo "localhost slots=$GPUS_PER_NODE" > "$hosts"
for rank in $(seq 1 $((LWS_GROUP_SIZE - 1))); do
  worker="${{LWS_LEADER_ADDRESS%%.*}}-$rank.${{LWS_LEADER_ADDRESS#*.}}"
  echo "$worker slots=$GPUS_PER_NODE" >> "$hosts"
  waited=0
  until (exec 3<>"/dev/tcp/$worker/{PORT}") 2>/dev/null; do
    if [ "$waited" -ge "$CLUSTER_START_TIMEOUT" ]; then
      echo "$worker does not answer on port {PORT} after $waited s" >&2
      exit 1
    fi
    sleep 2
    waited=$((waited + 2))
  done
done
"""


def worker_command() -> list[str]:
    return ["bash", "-c", _KEY + _WORKER]


def leader_command(variables: Sequence[str]) -> list[str]:
    """`variables` are the names of those of the container; values are never spelt out."""
    handed_on = " ".join(f"-x {name}" for name in sorted({*variables} - {*OF_ONE_POD}))
    run = (
        'exec mpirun -n "$((GPUS_PER_NODE * LWS_GROUP_SIZE))" --bind-to none --map-by slot '
        f'--hostfile "$hosts" {handed_on} {PROGRAM}\n'
    )
    return ["bash", "-c", _KEY + _LEADER + run]


def environment(cache_path: str, gpus_per_node: int, patience_seconds: int) -> dict[str, str]:
    """Of every pod of a group; those of caches as the chart has them, below the cache that all nodes share."""
    return {
        "NIM_MPI_ALLOW_RUN_AS_ROOT": "0",
        "OMPI_MCA_orte_keep_fqdn_hostnames": "true",
        "OMPI_MCA_plm_rsh_args": "-o ConnectionAttempts=20",
        "GPUS_PER_NODE": str(gpus_per_node),
        "CLUSTER_START_TIMEOUT": str(patience_seconds),
        "NGC_HOME": f"{cache_path}/ngc",
        "HF_HOME": f"{cache_path}/huggingface",
        "NUMBA_CACHE_DIR": "/tmp/numba",  # noqa: S108 - in the pod
        "OUTLINES_CACHE_DIR": "/tmp/outlines",  # noqa: S108 - likewise
    }


def worker_probe(start_up_seconds: int, period_seconds: int) -> dict[str, object]:
    """A worker has started once the leader can reach it."""
    return {
        "tcpSocket": {"port": PORT},
        "periodSeconds": period_seconds,
        "failureThreshold": -(-start_up_seconds // period_seconds),
    }
