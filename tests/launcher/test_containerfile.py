"""launcher/Containerfile makes what a pod gets from ConfigMaps: the same program, at the same place, run alike."""

import json
import re
from pathlib import Path

from nim_launcher.start import CACHE
from nim_launcher.variables import OWN
from pulumi_nim.manifests.launcher import FOLDER, MANIFEST, program_path
from pulumi_nim.manifests.security import USER_ID

FILE = Path(__file__).parents[2] / "launcher" / "Containerfile"
LINES = re.sub(r"\\\n\s*", " ", FILE.read_text()).splitlines()


def instruction(word: str) -> list[str]:
    return [line.removeprefix(word).strip() for line in LINES if line.startswith(f"{word} ")]


def test_the_zip_application_lies_where_pods_have_it() -> None:
    (copy,) = instruction("COPY")
    assert copy == f"--chmod=0444 {Path(program_path()).name} {program_path()}"


def test_it_starts_as_pods_start_it() -> None:
    (entry,), (command,) = instruction("ENTRYPOINT"), instruction("CMD")
    assert [*json.loads(entry), *json.loads(command)] == ["python3", program_path(), "start"]


def test_its_variables_are_the_launchers_and_mean_what_pods_mean() -> None:
    (words,) = instruction("ENV")
    env = dict(pair.split("=", 1) for pair in words.split())
    assert env.pop("PYTHONDONTWRITEBYTECODE") == "1"
    assert env == {"NIM_LAUNCHER_MANIFEST": f"{FOLDER}/{MANIFEST}", "NIM_CACHE_PATH": CACHE}
    assert set(env) <= set(OWN)


def test_its_user_is_not_root_and_may_be_any() -> None:
    assert instruction("USER") == [f"{USER_ID}:0"]
