import json

import pytest

from nim_sandbox.aws_plugin.provider_settings import NoAccount, read_settings
from nim_sandbox.stand_in import UnsupportedArgument

URL = "http://127.0.0.1:1"


def test_endpoints_arrive_as_json_text() -> None:
    settings = read_settings({"region": "us-east-1", "endpoints": json.dumps([{"eks": URL}])})
    assert (settings.region, settings.endpoint("eks")) == ("us-east-1", URL)


def test_without_an_endpoint_no_account_is_reached_and_the_genuine_plugin_is_named() -> None:
    with pytest.raises(NoAccount, match="pulumi plugin install resource aws"):
        read_settings({"region": "us-east-1"}).endpoint("eks")


def test_arguments_that_would_be_left_out_are_all_named() -> None:
    with pytest.raises(UnsupportedArgument, match="assumeRoles, profile"):
        read_settings({"profile": "mine", "assumeRoles": "[]"})


def test_an_endpoint_that_nothing_calls_is_refused() -> None:
    with pytest.raises(UnsupportedArgument, match="s3"):
        read_settings({"endpoints": json.dumps([{"s3": URL}])})
