"""`nim-profiles lock`."""

from typing import TYPE_CHECKING

import click

from nim_profiles.cli.exit_codes import REFUSED, BadInput
from nim_profiles.cli.output import json_option, print_json
from nim_profiles.cli.source import FILE, read_source

if TYPE_CHECKING:
    from pathlib import Path

    from nim_profiles.lock_entry import StatedDownload, WeightCount
    from nim_profiles.locked_image import LockedImage, Origin, Shape
    from nim_profiles.profile_source import ProfileSource


@click.command()
@click.argument("file", type=FILE, required=False)
@click.option("--image", metavar="REPO:TAG", help="The image that FILE describes.")
@click.option("--digest", metavar="sha256:…", help="Its digest; kept from before when the image is locked already.")
@click.option("--digest-source", metavar="TEXT", help="Said in the file where the digest is not the registry's own.")
@click.option("--lock", type=click.Path(), default="stacks/nim.lock.yaml", show_default=True)
@click.option("--origin", metavar="TEXT", help="Where FILE came from, in words.")
@click.option("--model", help="Where FILE does not say it, as a listing does not.")
@click.option("--release", help="Likewise.")
@click.option("--shape", metavar="NAME", help="The model's shape, by its name in the catalogue of models.")
@click.option("--shape-config", type=click.Path(), help="The model's shape, from its config.json.")
@click.option("--parameters", type=click.IntRange(min=1), help="Estimate downloads from this number of weights.")
@click.option("--sixteen-bit", type=click.IntRange(min=0), default=0, help="Those of them that stay at 16 bit.")
@click.option("--download", "downloads", multiple=True, metavar="PRECISION=BYTES", help="A published size; may repeat.")
@click.option("--download-basis", metavar="TEXT", help="Who published it.")
@click.option("--check", is_flag=True, help="Change nothing; refuse where lock file and stack files do not agree.")
@click.option("--stacks", type=click.Path(), help="Folder of the stack files.  [default: beside the lock file]")
@json_option
def command(
    file: str | None,
    image: str | None,
    digest: str | None,
    digest_source: str | None,
    lock: str,
    origin: str | None,
    model: str | None,
    release: str | None,
    shape: str | None,
    shape_config: str | None,
    parameters: int | None,
    sixteen_bit: int,
    downloads: tuple[str, ...],
    download_basis: str | None,
    stacks: str | None,
    *,
    check: bool,
    as_json: bool,
) -> int:
    """Write one image into the lock file, or check it.

    Takes all profiles of FILE; the parts of the other images stay as they are, byte by byte.
    """
    from pathlib import Path  # noqa: PLC0415 - a fifth of the time that --help takes

    path = Path(lock)
    if check:
        if file is not None or image is not None:
            raise BadInput("--check reads the lock file and the stack files: leave FILE and --image out")
        return _check(path, path.parent if stacks is None else Path(stacks), as_json=as_json)
    if file is None or image is None:
        raise BadInput("FILE and --image are both needed to lock an image; --check alone to check the lock file")
    from nim_profiles.lock import Lock, alone  # noqa: PLC0415 - brings pydantic
    from nim_profiles.lock_entry import locked_image  # noqa: PLC0415 - likewise

    name, _, given = image.partition("@")
    source = read_source(file, None)
    if not source.profiles:
        raise BadInput(f"{file}: holds no profile with a whole id, so there is nothing to lock")
    with alone(path):
        old = Lock.read(path) if path.exists() else Lock()
        before = old.images.get(name)
        entry = locked_image(
            source.profiles,
            _origin(source, path.parent, origin),
            _digest(digest or given or None, before),
            model=model or source.model,
            release=release or source.release,
            shape=_shape(shape, shape_config, path.parent),
            digest_source=digest_source,
            weights=_weights(parameters, sixteen_bit),
            stated=_stated(downloads, download_basis),
            before=before,
        )
        old.with_image(name, entry).write(path)
    _report(path, name, before, entry, as_json=as_json)
    return 0


def _check(lock_path: "Path", stacks: "Path", *, as_json: bool) -> int:
    from nim_profiles.lock import Lock  # noqa: PLC0415 - brings pydantic
    from nim_profiles.lock_check import changed_sources, check_lock  # noqa: PLC0415 - likewise
    from nim_profiles.stack_wants import read_wants  # noqa: PLC0415 - likewise

    lock = Lock.read(lock_path)
    wants, unreadable = read_wants(stacks)
    faults = [*unreadable, *check_lock(lock, wants), *changed_sources(lock, lock_path.parent)]
    if lock_path.read_text(encoding="utf-8") != lock.text:
        faults.append(f"{lock_path}: is not as `nim-profiles lock` writes it. Lock any image again to put it in order")
    if as_json:
        print_json({"images": len(lock.images), "wants": len(wants), "faults": faults})
    else:
        for fault in faults:
            click.echo(fault)
        if not faults:
            click.echo(f"{lock_path}: {len(lock.images)} images hold all that {len(wants)} endpoints want.")
    return REFUSED if faults else 0


def _report(path: "Path", name: str, before: "LockedImage | None", entry: "LockedImage", *, as_json: bool) -> None:
    from nim_profiles.lock_check import content_changes  # noqa: PLC0415 - brings pydantic

    old = set() if before is None else {row.id for row in before.rows}
    new = {row.id for row in entry.rows}
    changes = () if before is None else content_changes(before, entry)
    if as_json:
        print_json(
            {
                "lock": str(path),
                "image": name,
                "digest": entry.digest,
                "profiles": len(entry.rows),
                "added": sorted(new - old),
                "removed": sorted(old - new),
                "changed": list(changes),
            }
        )
        return
    click.echo(f"{path}: {name}@{entry.digest} with {len(entry.rows)} profiles")
    for sign, rows, ids in (("-", before.rows if before else (), old - new), ("+", entry.rows, new - old)):
        for row in rows:
            if row.id in ids:
                click.echo(f"{sign} {row.id} ({row.name})")
    for change in changes:
        click.echo(f"! {change}")
    if before is not None and before.digest == entry.digest and (changes or old != new):
        click.echo("warning: the digest is the same, but its content is not: was FILE made from this image?", err=True)


def _digest(given: str | None, before: "LockedImage | None") -> str:
    if given is None and before is None:
        raise BadInput(
            "--digest is missing. Find it with `docker buildx imagetools inspect REPO:TAG`, or in the registry"
        )
    import re  # noqa: PLC0415 - click brings it anyway

    digest = given or (before.digest if before else "")
    if not re.fullmatch(r"sha256:[0-9a-f]{64}", digest):
        raise BadInput(f"--digest is {digest!r}, but a digest is sha256: and 64 characters of 0-9 and a-f")
    return digest


def _origin(source: "ProfileSource", folder: "Path", text: str | None) -> "Origin":
    from nim_profiles.locked_image import Origin  # noqa: PLC0415 - brings pydantic

    if source.kind == "lock":
        raise BadInput(f"{source.origin}: is a lock file. Lock from the image's manifest or from a listing")
    path = None if source.origin == "-" else _relative(source.origin, folder)
    return Origin(
        kind="manifest" if source.kind == "manifest" else "listing", path=path, text=text, sha256=source.sha256
    )


def _shape(name: str | None, config: str | None, folder: "Path") -> "Shape | None":
    from nim_profiles.locked_image import Shape  # noqa: PLC0415 - brings pydantic

    if name and config:
        raise BadInput("--shape and --shape-config are two sources of one shape. Give one of them")
    if name is None and config is None:
        return None
    return Shape(catalogue=name, config=None if config is None else _relative(config, folder))


def _weights(parameters: int | None, sixteen_bit: int) -> "WeightCount | None":
    from nim_profiles.lock_entry import WeightCount  # noqa: PLC0415 - brings pydantic

    if parameters is None:
        return None
    if sixteen_bit > parameters:
        raise BadInput(f"--sixteen-bit is {sixteen_bit}, more than all --parameters, {parameters}")
    return WeightCount(parameters, sixteen_bit)


def _stated(downloads: tuple[str, ...], basis: str | None) -> "StatedDownload | None":
    from nim_profiles.lock_entry import StatedDownload  # noqa: PLC0415 - brings pydantic

    if bool(downloads) != bool(basis):
        raise BadInput("--download and --download-basis belong together: a size, and who published it")
    pairs = [text.partition("=") for text in downloads]
    if wrong := [
        text for text, (key, _, value) in zip(downloads, pairs, strict=True) if not (key and value.isdecimal())
    ]:
        raise BadInput(f"--download is {wrong[0]!r}, but should be like fp8=34000000000")
    return StatedDownload({key.lower(): int(value) for key, _, value in pairs}, basis) if basis else None


def _relative(path: str, folder: "Path") -> str:
    import os  # noqa: PLC0415 - likewise
    from pathlib import Path  # noqa: PLC0415 - likewise

    return Path(os.path.relpath(path, folder)).as_posix()
