"""What the launcher adds to a start of vLLM: seconds until vLLM's interpreter runs, and memory until then.

    uv run python bench/launcher.py [--runs 20] [--json]
    uv run python bench/launcher.py --serve [--runs 2] [--json]      until /health answers: half a minute each

Both ways are measured in turn, on the vLLM of bench/vllm_environment.py. Without `--serve` vLLM is stopped by a hook in
its interpreter the moment it begins, so that runs are short and the difference is not lost in vLLM's own variation.
"""

import argparse
import http.client
import json
import os
import resource
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.vllm_environment import vllm_process_environment, vllm_python
from nim_launcher.zip_application import build
from nim_sandbox.images.tiny_llama import write_model, write_tiny_manifest

MODULE = "vllm.entrypoints.openai.api_server"
HOOK = f"""\
import os, sys
if "{MODULE}" in sys.orig_argv:
    import resource, time
    used = resource.getrusage(resource.RUSAGE_SELF)
    print("MARK", time.monotonic(), used.ru_maxrss, used.ru_utime + used.ru_stime, flush=True)
    os._exit(0)
"""
"""As `sitecustomize` of the interpreter that vLLM gets: a process that execs keeps its times and its largest memory."""
WORDS = [
    "--enforce-eager",
    "--distributed-executor-backend",
    "uni",
    "--kv-cache-memory-bytes",
    "64M",
    "--host",
    "127.0.0.1",
]


def prepare(folder: Path) -> tuple[list[str], list[str], dict[str, str]]:
    """Commands through the launcher and direct, and their environment."""
    program = folder / "nim-launcher.zip"
    program.write_bytes(build())
    write_model(folder / "mirror")
    pinned, _ = write_tiny_manifest(folder / "model_manifest.yaml", folder / "mirror")
    environ = {
        **vllm_process_environment(),
        "VLLM_ENABLE_V1_MULTIPROCESSING": "0",
        "NIM_MODEL_PROFILE": pinned.id,
        "NIM_CACHE_PATH": str(folder / "cache"),
    }
    python = str(vllm_python())
    fetch = [python, str(program), "download-to-cache", "--source", str(folder / "mirror")]
    subprocess.run(fetch, env=environ, check=True, capture_output=True)
    model = str(folder / "cache" / "workspaces" / (pinned.workspace_hash or ""))
    through = [python, str(program), "start", *WORDS]
    direct = [python, "-m", MODULE, "--model", model, "--max-model-len", "256", "--dtype", "float32", *WORDS]
    return through, direct, environ


def until_vllm(command: Sequence[str], environ: Mapping[str, str]) -> tuple[float, int, float]:
    """Seconds, KiB at most, seconds of processor, until vLLM's interpreter runs."""
    begin = time.monotonic()
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    mark = next((line.split() for line in done.stdout.splitlines() if line.startswith("MARK ")), None)
    assert mark is not None, done.stderr
    return float(mark[1]) - begin, int(mark[2]), float(mark[3])


def nvml_seconds(program: str, environ: Mapping[str, str]) -> float:
    """Seconds to load pynvml, which a start with GPUs needs on top: this machine need not have a driver."""
    code = (
        f"import sys, time; sys.path.insert(0, {program!r}); from nim_launcher.nvml import load; "
        "begin = time.monotonic(); load(); print(time.monotonic() - begin)"
    )
    python = str(vllm_python())
    done = subprocess.run([python, "-c", code], env=environ, capture_output=True, text=True, check=True)
    return float(done.stdout)


def until_health(command: Sequence[str], environ: Mapping[str, str]) -> float:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    begin = time.monotonic()
    process = subprocess.Popen(
        [*command, "--port", str(port)],
        env=environ,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        while time.monotonic() - begin < 300:
            assert process.poll() is None, f"ended with {process.returncode}"
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            try:
                connection.request("GET", "/health")
                if connection.getresponse().status == 200:
                    return time.monotonic() - begin
            except OSError:
                time.sleep(0.05)
            finally:
                connection.close()
        raise AssertionError("no /health after 300 s")
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--serve", action="store_true", help="until /health answers")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        through, direct, environ = prepare(folder)
        figures: dict[str, float | int]
        if given.serve:
            pairs = [(until_health(through, environ), until_health(direct, environ)) for _ in range(given.runs)]
            launcher_s, direct_s = (statistics.median(column) for column in zip(*pairs, strict=True))
            figures = {"launcher_s": launcher_s, "direct_s": direct_s, "added_s": launcher_s - direct_s}
        else:
            (folder / "hook").mkdir()
            (folder / "hook" / "sitecustomize.py").write_text(HOOK)
            environ |= {"PYTHONPATH": str(folder / "hook")}
            until_vllm(through, environ)  # fills the disk cache
            marks = [(until_vllm(through, environ), until_vllm(direct, environ)) for _ in range(given.runs)]
            launcher_s, direct_s = (statistics.median(pair[i][0] for pair in marks) for i in (0, 1))
            rss_kib = max(pair[0][1] for pair in marks)
            ours_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            # A child begins as a copy of this process, so its largest memory is at least ours.
            assert rss_kib > ours_kib or rss_kib < 200 * 1024, (rss_kib, ours_kib)
            figures = {
                "launcher_s": launcher_s,
                "direct_s": direct_s,
                "added_s": launcher_s - direct_s,
                "added_cpu_s": statistics.median(pair[0][2] - pair[1][2] for pair in marks),
                "rss_mib": rss_kib / 1024,
                "nvml_s": statistics.median(nvml_seconds(through[1], environ) for _ in range(given.runs)),
            }
        figures["ratio"] = figures["launcher_s"] / figures["direct_s"]
        figures["runs"] = given.runs
    if given.json:
        print(json.dumps({key: round(value, 4) for key, value in figures.items()}))
    else:
        for key, value in figures.items():
            print(f"{key:12} {value:.4g}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
