"""vLLM's command line: its options by version as data, its spellings, and which of several sources wins."""

from nim_profiles.vllm_args.options import Kind, Option, Options, options_for
from nim_profiles.vllm_args.precedence import Layer, Row, command_line, merge, table
from nim_profiles.vllm_args.spelling import Parsed, Setting, parse

__all__ = [
    "Kind",
    "Layer",
    "Option",
    "Options",
    "Parsed",
    "Row",
    "Setting",
    "command_line",
    "merge",
    "options_for",
    "parse",
    "table",
]
