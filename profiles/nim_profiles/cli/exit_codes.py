"""What a failure means to the caller: 1 refused, 2 bad input. By name, so that nothing is imported to ask."""

import click

REFUSED, BAD_INPUT, INTERNAL = 1, 2, 70
"""70 is EX_SOFTWARE of sysexits.h: a fault of ours."""

EXIT_CODES = {
    "nim_profiles.selection.Refusal": REFUSED,
    "nim_profiles.lock.UnlockedImage": REFUSED,
    "nim_profiles.cli.exit_codes.Refused": REFUSED,
    "nim_profiles.cli.exit_codes.BadInput": BAD_INPUT,
    "nim_profiles.adoption.objects.BadObjects": BAD_INPUT,
    "nim_profiles.lock.BadLock": BAD_INPUT,
    "nim_profiles.manifest.BadManifest": BAD_INPUT,
    "nim_profiles.listing.BadListing": BAD_INPUT,
    "nim_profiles.name.BadProfileName": BAD_INPUT,
    "nim_profiles.name_grammar.BadProfileName": BAD_INPUT,
    "nim_profiles.profile_source.NoImageNamed": BAD_INPUT,
    "nim_profiles.instance.UnknownInstanceType": BAD_INPUT,
    "nim_profiles.placement.requirement.BadRequirement": BAD_INPUT,
    "builtins.OSError": BAD_INPUT,
    "builtins.UnicodeDecodeError": BAD_INPUT,
}
"""By class; a subclass follows its nearest ancestor here. Whatever is not listed is a fault of ours."""


class Refused(Exception):
    """The input is in order, and the answer is no."""


class BadInput(Exception):
    """The input cannot be used."""


def exit_code(error: BaseException) -> int:
    if isinstance(error, click.ClickException):
        return BAD_INPUT
    names = (f"{kind.__module__}.{kind.__qualname__}" for kind in type(error).__mro__)
    return next((EXIT_CODES[name] for name in names if name in EXIT_CODES), INTERNAL)


def one_line(text: str) -> str:
    return " ".join(text.split())
