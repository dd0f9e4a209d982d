"""Command lines of many spellings, right and wrong, always the same ones."""

from random import Random

from nim_profiles.vllm_args import Kind, Option, Options

LEFT_OUT = {"--config", "--lora-modules", "--logging-config"}
"""Options whose values name files that would have to exist."""
JSON_VALUES = ("{}", '{"a": 1}', '{"a": {"b": [1, 2]}}', "not json")
VALUES = {
    "int": ("0", "3", "-1", "x", "1.5"),
    "float": ("0.5", "1", "-2", "x"),
    "whole": ("1k", "1K", "25.6k", "1.5K", "7", "x"),
    "whole_or_auto": ("auto", "-1", "4k", "x"),
    "json": JSON_VALUES,
    "json_or_text": JSON_VALUES,
    "text": ("word", "two words", "a=b", "x.y", ""),
}


def command_lines(options: Options, count: int) -> list[list[str]]:
    source = Random(20)  # noqa: S311 - no secrets
    known = sorted({option for option in options.by_flag.values() if option.name not in LEFT_OUT}, key=lambda o: o.name)
    return [
        [word for _ in range(source.randint(1, 4)) for word in _words(source, source.choice(known))]
        for _ in range(count)
    ]


def _words(source: Random, option: Option) -> list[str]:
    flag = source.choice(option.flags)
    spelling = source.randrange(10)
    if spelling == 0 and flag.startswith("--"):
        flag = "--" + flag[2:].replace("-", "_")
    elif spelling == 1 and flag.startswith("--"):
        flag = flag[: source.randint(3, len(flag))]
    elif spelling == 2:
        flag = flag[:-1] + source.choice("abxz")
    if option.kind in {Kind.PAIR, Kind.SWITCH}:
        return [f"{flag}=true"] if spelling == 3 else [flag]
    if option.type.startswith("json") and spelling in {4, 5, 6}:
        value = source.choice(("1", "true", "1k", "word", "[1]", "0.5"))
        path = source.choice((".a", ".a.b", ".c+", ".d_e"))
        return [f"{flag}{path}={value}"] if spelling == 4 else [f"{flag}{path}", value]
    if spelling == 7 and option.kind is not Kind.OPTIONAL_VALUE:
        return [flag]
    value = source.choice([*option.choices, "wrong"] if option.choices else VALUES[option.type])
    if spelling == 8:
        return [f"{flag}={value}"]
    return [flag, value, *([value] if option.kind is Kind.LIST and spelling == 9 else [])]
