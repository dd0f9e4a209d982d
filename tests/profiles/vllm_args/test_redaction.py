import pytest

from nim_profiles.vllm_args import options_for
from nim_profiles.vllm_args.redaction import is_secret, redacted


def test_the_secrets_among_vllms_options() -> None:
    names = {option.name for option in options_for("0.32.0").by_flag.values()}
    assert {name for name in names if is_secret(name)} == {"--api-key", "--hf-token"}


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("plain", "plain"),
        ("http://user:pw@host/x", "http://***@host/x"),
        ('{"a": {"auth_token": "x", "n": 1}}', '{"a": {"auth_token": "***", "n": 1}}'),
        ('[{"password": "x"}]', '[{"password": "***"}]'),
        ("{password: x}", "***"),
    ],
)
def test_secrets_inside_values_are_hidden(value: str, shown: str) -> None:
    assert redacted("--kv-transfer-config", [value]) == shown
