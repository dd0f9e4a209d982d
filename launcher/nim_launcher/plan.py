"""Everything that starting comes down to, as one value: the command, its environment, and what is said before."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from nim_launcher import metadata
from nim_launcher.engine import Engine
from nim_launcher.multi_node import Node, node_of
from nim_launcher.refusal import ExitCode, Fault, Refused
from nim_launcher.variables import BadVariable, unknown, words_from
from nim_profiles.manifest import Manifest
from nim_profiles.precision import dtype_of
from nim_profiles.profile import Profile
from nim_profiles.vllm_args import Layer, Options, Row, command_line, merge, parse, table

PARALLEL = ("--tensor-parallel-size", "--pipeline-parallel-size")
LEAST_DEFAULT_FRACTION = 0.9
"""`--gpu-memory-utilization` where nobody sets it: 0.90 up to vLLM 0.19, 0.92 in 0.32. The lower one refuses less."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What profile, environment and arguments say together."""

    rows: tuple[Row, ...]
    model: str | None
    """Where somebody names weights other than the profile's."""
    node: Node
    notes: tuple[str, ...]

    def value(self, name: str) -> str | None:
        """The value of the option with that name; None where nobody gives one."""
        values = [row.setting.values for row in self.rows if row.setting.name == name]
        return values[-1][0] if values and values[-1] else None

    @property
    def memory_fraction(self) -> float:
        try:
            return float(self.value("--gpu-memory-utilization") or LEAST_DEFAULT_FRACTION)
        except ValueError:  # vLLM will say so
            return LEAST_DEFAULT_FRACTION

    @property
    def shortened(self) -> bool:
        return self.value("--max-model-len") is not None


def settle(
    profile: Profile,
    manifest: Manifest,
    environ: Mapping[str, str],
    arguments: Sequence[str],
    options: Options,
) -> Settings:
    """Profile, then environment, then arguments. Raises Refused with every setting that cannot be."""
    node = node_of(environ, profile, options)
    sources = [("profile", _profile_words(profile, manifest)), ("launcher", _own_words(environ, options))]
    sources.append(("LeaderWorkerSet", list(node.words)))
    faults: list[Fault] = []
    try:
        sources += words_from(environ)
    except BadVariable as error:
        faults.append(Fault(ExitCode.SETTING, str(error)))
    sources.append(("argument", list(arguments)))
    parsed = [(origin, parse(words, options)) for origin, words in sources]
    rows = merge([Layer(origin, tuple(found.settings)) for origin, found in parsed])
    lines = [f"{origin}: {line}" for origin, found in parsed for line in found.faults]
    refuses = options.exact and environ.get("NIM_LAUNCHER_OPTION_CHECK", "").lower() != "off"
    faults += [Fault(ExitCode.SETTING, line) for line in lines if refuses]
    faults += _parallel_faults(profile, rows)
    named = [word for _, found in parsed for word in found.positionals]
    named += [row.setting.values[0] for row in rows if row.setting.name == "--model" and row.setting.values]
    if len(named) > 1:
        faults.append(Fault(ExitCode.SETTING, f"{' '.join(named)}: at most one model: remove the others"))
    if faults:
        raise Refused(faults)
    model = named[0] if named else environ.get("NIM_MODEL_PATH") or None
    notes = [f"{line} (not refused)" for line in lines]
    notes += [f"{name} does nothing in this launcher" for name in unknown(environ)]
    if not options.exact:
        notes.append(f"the options of this vLLM are not known here; read by those of {options.version}")
    if model:
        notes.append(f"serves {model}, which nobody checks to be the weights of {profile.name}")
    return Settings(tuple(row for row in rows if row.setting.name != "--model"), model, node, tuple(notes))


def _profile_words(profile: Profile, manifest: Manifest) -> list[str]:
    words = [f"--tensor-parallel-size={profile.tensor_parallel}"]
    words.append(f"--pipeline-parallel-size={profile.pipeline_parallel}")
    if dtype := dtype_of(profile.precision):
        words.append(f"--dtype={dtype}")
    if profile.lora:
        words.append("--enable-lora")
        if rank := profile.tags.get("feat_lora_max_rank"):
            words.append(f"--max-lora-rank={rank}")
    if manifest.model:
        words.append(f"--served-model-name={manifest.model}")
    return words + list(_json_words(profile.tags.get("nim_json_args", "")))


def _json_words(text: str) -> Iterator[str]:
    """NIM's `nim_json_args` tag: an object of options, `{"max_model_len": 4096}`."""
    try:
        found = json.loads(text or "{}")
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise Refused([Fault(ExitCode.MANIFEST, f"the tag nim_json_args is {text!r}: a JSON object belongs there")])
    for name, value in found.items():
        flag = name.replace("_", "-").lstrip("-")
        if isinstance(value, bool):
            yield f"--{flag}" if value else f"--no-{flag}"
        else:
            yield f"--{flag}={value if isinstance(value, str) else json.dumps(value)}"


def _own_words(environ: Mapping[str, str], options: Options) -> list[str]:
    words = [f"--middleware={metadata.MIDDLEWARE}"]
    drain = environ.get("NIM_LAUNCHER_DRAIN_SECONDS")
    if drain and "--shutdown-timeout" in options.by_flag:
        words.append(f"--shutdown-timeout={drain}")
    return words


def _parallel_faults(profile: Profile, rows: Sequence[Row]) -> Iterator[Fault]:
    """More or fewer GPUs than the profile's are another profile."""
    wanted = dict(zip(PARALLEL, (profile.tensor_parallel, profile.pipeline_parallel), strict=True))
    for row in rows:
        name = row.setting.name
        if name in wanted and row.setting.values != (str(wanted[name]),):
            yield Fault(
                ExitCode.SETTING,
                f"{row.origin}: {name} is {row.value}, but {profile.name} runs with {wanted[name]}. "
                "Remove it, or pin a profile with that number",
            )


@dataclass(frozen=True, slots=True)
class Start:
    """What to exec."""

    command: tuple[str, ...]
    environment: Mapping[str, str]
    """Added to what is inherited."""
    table: str
    before: tuple[str, ...] = ()


def start_plan(
    profile: Profile,
    manifest: Manifest,
    settings: Settings,
    model: str,
    engine: Engine,
    our_path: Path,
    python_path: str,
) -> Start:
    """`our_path` is what Python must look into to find this package; `python_path` the PYTHONPATH that is set."""
    words = command_line(settings.rows)
    model_words = (model,) if engine.positional_model else ("--model", model)
    served = settings.value("--served-model-name") or manifest.model
    answer = metadata.metadata(profile, served, manifest.release, engine.version)
    return Start(
        command=settings.node.instead or (*engine.command, *model_words, *words),
        environment={
            metadata.VARIABLE: json.dumps(answer),
            "PYTHONPATH": ":".join(part for part in (python_path, str(our_path)) if part),
        },
        table=table(settings.rows),
        before=settings.node.before,
    )


def length_hint(settings: Settings, model: str) -> str | None:
    """Said before vLLM refuses a context that is longer than the model's; None where nothing speaks against it."""
    from nim_profiles.vllm_args.spelling import int_of  # noqa: PLC0415 - one name, used here alone

    wanted = settings.value("--max-model-len")
    try:
        config = json.loads((Path(model) / "config.json").read_text(encoding="utf-8"))
        made_for, asked = int(config["max_position_embeddings"]), int_of(wanted or "")
    except (OSError, ValueError, KeyError, TypeError):
        return None
    if asked <= made_for or config.get("rope_scaling"):
        return None
    return (
        f"hint: --max-model-len is {asked}, and config.json says max_position_embeddings {made_for}. If vLLM refuses "
        f"it, set at most {made_for}, or VLLM_ALLOW_LONG_MAX_MODEL_LEN=1 if the model can do more"
    )
