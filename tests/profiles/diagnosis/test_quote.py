"""What may be shown of a log's line."""

import pytest

from nim_profiles.diagnosis import quote


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("a   line\twith  blanks ", "a line with blanks"),
        ("\x1b[31mERROR\x1b[0m red", "ERROR red"),
        ("NGC_API_KEY=made-up-1 next", "NGC_API_KEY=*** next"),
        ("non-default args: {'api_key': ['a', 'b'], 'port': 8000}", "non-default args: {'api_key': ***, 'port': 8000}"),
        ('{"token": "abc", "tokens": 5}', '{"token": ***, "tokens": 5}'),
        ("vllm serve --api-key abc --port 8000", "vllm serve --api-key *** --port 8000"),
        ("Authorization: Bearer abc.def", "Authorization: *** ***"),
        ("key nvapi-0123456789abcdefXYZ was refused", "key *** was refused"),
        ("GET https://user:word@host/x", "GET https://***@host/x"),
        ("GET https://host/x?X-Amz-Signature=abc&part=1", "GET https://host/x?X-Amz-Signature=***&part=1"),
        ("got eyJhbGciOiJI.eyJzdWIiOiIx.c2ln", "got ***"),
        ("the next token: 5 tokens per second", "the next token: *** tokens per second"),
        ("max_model_len=4096 is too long", "max_model_len=4096 is too long"),
    ],
)
def test_secrets_are_hidden_and_the_rest_is_shown(line: str, shown: str) -> None:
    assert quote(line) == shown


def test_a_long_line_is_cut() -> None:
    assert quote("x" * 1000) == "x" * 299 + "…"
