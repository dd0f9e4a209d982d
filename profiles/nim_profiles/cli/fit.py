"""`nim-profiles fit`."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nim_profiles.cli.exit_codes import BadInput
from nim_profiles.cli.output import json_option, print_json
from nim_profiles.cli.source import FILE, image_option, read_text

if TYPE_CHECKING:
    from nim_profiles.gpu import Gpu
    from nim_profiles.profile import Profile
    from nim_profiles.shape import ModelShape


PRECISIONS = ("fp16", "bf16", "fp8", "mxfp4", "nvfp4", "int4")
NOT_SETTINGS = ("precision", "tp", "pp", "gpus", "no_images")


@click.command()
@click.argument("profile", metavar="[ID|NAME]", required=False)
@click.option("file", "--from", type=FILE, help="Manifest, listing, lock file, or -, that holds the profile.")
@image_option
@click.option("config", "--config", type=FILE, help="The model's config.json; a lock file may name its own.")
@click.option(
    "--precision", default="bf16", show_default=True, type=click.Choice(PRECISIONS), help="Without a profile."
)
@click.option(
    "--tp", type=click.IntRange(1), default=1, show_default=True, help="Without a profile: tensor parallel size."
)
@click.option(
    "--pp", type=click.IntRange(1), default=1, show_default=True, help="Without a profile: pipeline parallel size."
)
@click.option(
    "gpus", "--gpu", multiple=True, metavar="GPU", help="L40S, NVIDIA-L40S, ...; may be repeated. Default: all."
)
@click.option("--vllm-version", help="Release of vLLM in the image.")
@click.option("--max-model-len", type=click.IntRange(1), help="Context length; default: the model's own.")
@click.option("--max-num-seqs", type=click.IntRange(1))
@click.option("--max-num-batched-tokens", type=click.IntRange(1))
@click.option("--gpu-memory-utilization", type=click.FloatRange(0, 1, min_open=True))
@click.option("kv_dtype", "--kv-cache-dtype", help="auto or fp8.")
@click.option("--enforce-eager", is_flag=True, default=None)
@click.option("lora_slots", "--max-loras", type=click.IntRange(0), help="Adapters in memory at once.")
@click.option("lora_rank", "--max-lora-rank", type=click.IntRange(1))
@click.option("no_images", "--no-images", is_flag=True, help="As with --limit-mm-per-prompt 0 for every kind.")
@click.option(
    "svg", "--svg", type=click.Path(dir_okay=False, path_type=Path), help="Also draw the bars into this file."
)
@json_option
def command(
    profile: str | None,
    file: str | None,
    image: str | None,
    config: str | None,
    *,
    as_json: bool,
    svg: Path | None,
    **rest: Any,
) -> int:  # Any: click's own options, checked by it
    """Will a profile run on a GPU, how sure is that, and which flag makes it run. All sizes are estimates."""
    from nim_profiles.cli import fit_report as report  # noqa: PLC0415 - not needed for --help
    from nim_profiles.memory import EngineSettings, fit  # noqa: PLC0415 - likewise

    chosen, required_gb, others = _profile(profile, file, image, rest)
    shape = _shape(config, file, image)
    given = {key: value for key, value in rest.items() if key not in NOT_SETTINGS and value is not None}
    known = _gpus()
    asked = _chosen(known, rest["gpus"])
    try:
        settings = EngineSettings(images=not rest["no_images"], **given)
        fits = [
            fit(shape, chosen, gpu, settings, listing_requires_gb=required_gb, other_profiles=others, other_gpus=known)
            for gpu in asked
        ]
    except ValueError as error:
        raise BadInput(str(error)) from None
    if svg is not None:
        from nim_profiles.bars import svg as draw  # noqa: PLC0415 - only where it is wanted

        title = f"{shape.name}, {chosen.name}: memory of each GPU (estimate)"
        svg.write_text(draw([report.bar(found) for found in fits if found.estimate], title=title), encoding="utf-8")
    if as_json:
        print_json({"model": shape.name, "profile": chosen.name, "fits": [report.fit_json(found) for found in fits]})
    else:
        report.print_fits(fits)
    return 0 if any(found.verdict == "compatible" for found in fits) else 1


def _profile(
    wanted: str | None, file: str | None, image: str | None, split: dict[str, Any]
) -> "tuple[Profile, float | None, tuple[Profile, ...]]":
    """The profile, what a listing asks for it, and the other profiles beside it."""
    from nim_profiles.profile import Profile  # noqa: PLC0415 - not needed for --help

    if (wanted is None) != (file is None):
        raise BadInput("a profile and --from FILE go together; without both, give --config, --precision, --tp and --pp")
    if wanted is None or file is None:
        name = f"{split['precision']}-tp{split['tp']}-pp{split['pp']}"
        tags = {"precision": split["precision"], "tp": str(split["tp"]), "pp": str(split["pp"])}
        return Profile("0" * 64, name, tags, tags_complete=False), None, ()
    from nim_profiles.profile_source import parse_source  # noqa: PLC0415 - brings the YAML parser
    from nim_profiles.selection import find  # noqa: PLC0415 - likewise

    source = parse_source(read_text(file), file, image)
    found, _ = find(source.profiles, wanted)
    listed = source.listed.get(found.id)
    same = tuple(p for p in source.profiles if p.engine == found.engine and p.lora == found.lora and p.precision)
    return found, None if listed is None else listed.required_gb, same


def _shape(config: str | None, file: str | None, image: str | None) -> "ModelShape":
    from nim_profiles.shape import UnsupportedShape, read_shape  # noqa: PLC0415 - not needed for --help

    if config is None:
        return _locked_shape(file, image)
    try:
        document = json.loads(read_text(config))
    except json.JSONDecodeError as error:
        raise BadInput(f"{config}: is no JSON: line {error.lineno}: {error.msg}") from None
    if not isinstance(document, dict):
        raise BadInput(f"{config}: is not the config.json of a model: holds {type(document).__name__}, not an object")
    name = str(document.get("model") or document.get("_name_or_path") or Path(config).stem)
    try:
        return read_shape(document, name)
    except UnsupportedShape as refusal:
        raise BadInput(str(refusal)) from None


def _locked_shape(file: str | None, image: str | None) -> "ModelShape":
    """Of a lock file: the shape that it names for the image."""
    from nim_profiles.profile_source import Kind, kind_of  # noqa: PLC0415 - only with --from

    text = None if file is None or file == "-" else read_text(file)
    if file is None or text is None or kind_of(text) is not Kind.LOCK:
        raise BadInput("the model's shape is not known: give --config config.json")
    from nim_profiles.lock import Lock  # noqa: PLC0415 - brings pydantic
    from nim_profiles.locked_shape import NoShape, shape_of  # noqa: PLC0415 - likewise

    lock = Lock.parse(text, file)
    try:
        return shape_of(lock.image(image or next(iter(lock.images))), Path(file).parent)
    except NoShape as error:
        raise BadInput(f"{file}: {error}; give --config config.json") from None


def _gpus() -> "list[Gpu]":
    from nim_profiles.instance import catalogue  # noqa: PLC0415 - reads the catalogue

    kinds = {instance.gpu for instance in catalogue().values()}
    return sorted(kinds, key=lambda gpu: (gpu.memory_bytes, gpu.product))


def _chosen(known: "list[Gpu]", names: tuple[str, ...]) -> "list[Gpu]":

    def words(gpu: "Gpu") -> set[str]:
        return {gpu.short_name.lower(), gpu.product.lower()}

    wanted = {name.lower() for name in names}
    found = [gpu for gpu in known if not names or words(gpu) & wanted]
    if missing := sorted(wanted - {word for gpu in found for word in words(gpu)}):
        there = ", ".join(dict.fromkeys(gpu.short_name for gpu in known))
        raise BadInput(
            f"--gpu {', '.join(missing)}: the catalogue does not have it; there are {there}, or product names"
        )
    return found
