"""`make adopt`."""

import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from nim_profiles.adoption import Adoption, BadObjects, adopt, read_objects
from nim_profiles.cli.exit_codes import BadInput
from nim_profiles.cli.source import FILE, read_text
from nim_profiles.instance import UnknownInstanceType
from nim_profiles.lock import Lock
from stacks import live
from stacks.adopting import pools_by_product, with_adoption
from stacks.cli import engine, sandbox
from stacks.cluster import context_name, kubeconfig_path
from stacks.faults import BadStackFile
from stacks.imports import import_file
from stacks.ownership import KINDS, take_over
from stacks.plan import Plan
from stacks.planning import LOCK_FILE
from stacks.preflight import planned, require_cluster
from stacks.selected import ROOT
from stacks.stack_file import read_raw, stack_file_name


@click.command()
@click.argument("stack")
@click.argument("files", metavar="[FILE…]", type=FILE, nargs=-1)
@click.option("--gpu", metavar="PRODUCT", help="Of nodes that no node selector tells: NVIDIA-L40S.")
def command(stack: str, files: tuple[str, ...], gpu: str | None) -> int:
    """Take over objects that exist.

    Writes the endpoints that FILEs hold into the stack file, then imports into the state whatever the stack file takes
    over. In the cluster only the owner of these objects' fields changes: the next up makes them what the file says.
    """
    if files:
        write(stack, _found(stack, files, gpu))
        sys.argv[1:] = ["adopt", stack]  # what goes on in the sandbox does not write again
    plan = planned(ROOT, stack)
    sandbox.enter(plan, start=False)
    require_cluster(plan, ROOT)
    engine.select(plan)
    return _import(plan)


def _found(stack: str, files: tuple[str, ...], gpu: str | None) -> Adoption:
    try:
        objects = [one for file in files for one in read_objects(read_text(file), file)]
        pools = pools_by_product(read_raw(ROOT, stack).get("pools") or {})
        return adopt(objects, Lock.read(ROOT / LOCK_FILE), gpu=gpu, pools=pools)
    except (BadObjects, BadInput, UnknownInstanceType) as error:
        raise click.UsageError(str(error)) from None
    except OSError as error:
        raise click.UsageError(f"{error.filename}: {error.strerror}") from None


def write(stack: str, found: Adoption) -> None:
    """Into the stack file; what is refused is taken out again, so that a file that was right stays so."""
    name = stack_file_name(stack)
    path = ROOT / name
    before = path.read_text(encoding="utf-8")
    path.write_text(with_adoption(before, name, found), encoding="utf-8")
    try:
        planned(ROOT, stack)
    except BadStackFile:
        path.write_text(before, encoding="utf-8")
        raise
    finally:
        for one in found.left:
            print(f"left out: {one}", file=sys.stderr)
    print(f"{name}: {', '.join(found.endpoints)} written")


def _import(plan: Plan) -> int:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "import.json"
        engine.quietly("preview", "--stack", plan.stack, "--import-file", str(path))
        wanted = import_file(json.loads(path.read_text(encoding="utf-8")), plan) if path.exists() else {"resources": []}
        if not wanted["resources"]:
            print(f"stack {plan.stack}: nothing to take over; what it takes over is in its state")
            return 0
        path.write_text(json.dumps(wanted), encoding="utf-8")
        options = ("--file", str(path), "--generate-code=false", "--protect=false", "--skip-preview", "--yes")
        if code := engine.pulumi("import", plan, *options):
            return code
    api = live.client(kubeconfig_path(plan.cluster, ROOT), context_name(plan.cluster))
    for one in wanted["resources"]:
        if one["type"] in KINDS:
            take_over(api, one["type"], one["id"])
            print(f"taken over: {one['type'].rpartition(':')[2]} {one['id']}")
    inside = f"nim-sandbox run {plan.cluster.sandbox} -- " if plan.cluster.sandbox else ""
    print(f"Next:  {inside}pulumi preview --diff --stack {plan.stack}  # every field that the next up would change")
    return 0
