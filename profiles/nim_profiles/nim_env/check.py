"""Holds a container's environment against what its image reads, before there is a container."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from nim_profiles.nim_env.contradictions import contradictions
from nim_profiles.nim_env.family import Family
from nim_profiles.nim_env.finding import Finding, Level, Surroundings
from nim_profiles.nim_env.passthrough import passthrough
from nim_profiles.nim_env.request_logging import logged
from nim_profiles.nim_env.secrecy import REFERENCE, secret_problem
from nim_profiles.nim_env.stray import stray
from nim_profiles.nim_env.variable import accepts, variables

UNKNOWN = Surroundings()


def check_environment(env: Mapping[str, str], family: Family, around: Surroundings = UNKNOWN) -> tuple[Finding, ...]:
    """Everything that is wrong with `env`, sorted by variable, refusals first.

    `env` is what a person wrote; what the program adds is named in `around.written`. The order of `env` is of no
    consequence, no finding shows a secret, and an empty tuple says no more than that nothing is known to be wrong.
    """
    secrets = {name: problem for name, value in env.items() if (problem := secret_problem(name, value))}
    shown = {name: value for name, value in sorted(env.items()) if name not in secrets}
    # A value that Kubernetes fills in later is there, and nobody can say more of it.
    plain = {name: value for name, value in shown.items() if not REFERENCE.fullmatch(value)}
    found = [Finding(name, Level.REFUSE, problem) for name, problem in secrets.items()]
    found += [one for name in env if name not in variables(family) if (one := stray(name, family, around.vllm_version))]
    found += _wrong_values(plain, family)
    found += logged(plain, family, around)
    found += contradictions({**env, **dict.fromkeys(env.keys() - plain.keys(), "")}, family, around)
    found += passthrough(plain, family, around)
    return tuple(sorted(dict.fromkeys(found), key=lambda one: (one.variable, one.level, one.problem)))


def _wrong_values(env: Mapping[str, str], family: Family) -> Iterator[Finding]:
    for name, value in env.items():
        variable = variables(family).get(name)
        if variable is None:
            continue
        if not value.strip():
            yield Finding(name, Level.REFUSE, f"is empty; write {variable.values}, or remove it")
        elif not accepts(variable, value, family):
            near = next((choice for choice in variable.choices if choice.lower() == value.strip().lower()), None)
            one_family = replace(variable, families=(family,))
            yield Finding(name, Level.REFUSE, f"is {value!r}; write {near or one_family.values}")
