"""`make profiles`."""

import sys

import click

from stacks import listings, live
from stacks.cli import sandbox
from stacks.cluster import context_name, kubeconfig_path
from stacks.preflight import planned, require_cluster
from stacks.selected import ROOT, locked
from stacks.stack_file import read_raw, stack_file_name


@click.command()
@click.argument("stack")
def command(stack: str) -> int:
    """Compare what images list of themselves with the lock file, for endpoints that have list_profiles."""
    plan = planned(ROOT, stack)
    sandbox.enter(plan, start=False)
    require_cluster(plan, ROOT)
    wanted = [one for one in plan.endpoints if one.lists_profiles]
    if not wanted:
        raise click.ClickException("no endpoint of this stack has list_profiles: true")
    api = live.client(kubeconfig_path(plan.cluster, ROOT), context_name(plan.cluster))
    _, lock = locked(read_raw(ROOT, stack), ROOT, stack_file_name(stack))
    alike = True
    for one in wanted:
        try:
            log = listings.logged(api, plan.namespace, one.name)
            lines, same = listings.told(one.name, one.image.partition("@")[0], log, lock.image(one.image))
        except (listings.NoListing, *live.UNREACHABLE) as error:
            lines, same = (f"{one.name}: {error}",), False
        print("\n".join(lines), file=sys.stdout if same else sys.stderr)
        alike = alike and same
    return 0 if alike else 1
