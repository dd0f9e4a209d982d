"""An endpoint in short: exported, read back, compared."""

import dataclasses

from stacks.planning import make_plan
from stacks.summary import Difference, EndpointSummary, differences
from tests.stacks.samples import BF16, FILE, FP8, LOCK, LOCK_FOLDER, raw


def summary(**endpoint: object) -> EndpointSummary:
    plan = make_plan(raw(**endpoint), LOCK, LOCK_FOLDER, stack="test", file=FILE)
    return EndpointSummary.of(plan.endpoints[0], plan)


def test_what_is_exported_is_read_back() -> None:
    whole = summary(settings={"max_model_len": 8192}, env={"NIM_LOG_LEVEL": "INFO"})
    assert EndpointSummary.read(whole.document) == whole


def test_the_engine_gives_numbers_back_with_a_fraction() -> None:
    one = summary()
    assert EndpointSummary.read({**one.document, "replicas": 1.0}) == one


def test_what_an_older_program_exported_is_compared_as_far_as_it_goes() -> None:
    old = {name: value for name, value in summary().document.items() if name not in ("pool", "options", "cache_gib")}
    before = EndpointSummary.read({**old, "url": "http://llama.nim.svc:8000/v1"})
    assert before is not None
    assert before.pool is None
    assert [*differences(before, summary(replicas=3, settings={"max_model_len": 8192}, cache_gib=99))] == [
        Difference("replicas", "1", "3"),
        Difference("context", "131,072 tokens", "8,192 tokens"),
    ]


def test_what_no_such_program_exported_is_not_compared() -> None:
    assert EndpointSummary.read({"url": "http://somewhere"}) is None


def test_nothing_differs_from_itself() -> None:
    assert [*differences(summary(), summary())] == []


def test_every_difference_is_told_with_both_values_and_what_follows_from_it() -> None:
    after = summary(profile=BF16, settings={"max_model_len": 8192}, env={"NIM_LOG_LEVEL": "INFO"})
    assert [*differences(summary(), after)] == [
        Difference("profile", f"vllm-fp8-tp1-pp1-27.0 {FP8[:8]}", f"vllm-bf16-tp1-pp1-33.0 {BF16[:8]}"),
        Difference("cache", "11 GiB", "10 GiB"),
        Difference("context", "131,072 tokens", "8,192 tokens"),
        Difference("start-up", "12 min", "5 min"),
        Difference("options", "-", "--max-model-len=8192"),
        Difference("variables", "-", "NIM_LOG_LEVEL=INFO"),
    ]


def test_of_an_image_the_tags_are_shown_or_where_they_are_alike_the_digests() -> None:
    one = dataclasses.replace(summary(), image=f"nvcr.io/nim/meta/llama:2.0.6@sha256:{'3' * 64}")
    newer = dataclasses.replace(one, image=f"nvcr.io/nim/meta/llama:2.0.7@sha256:{'4' * 64}")
    rebuilt = dataclasses.replace(one, image=f"nvcr.io/nim/meta/llama:2.0.6@sha256:{'4' * 64}")
    assert [*differences(one, newer)] == [
        Difference("image", "nvcr.io/nim/meta/llama:2.0.6", "nvcr.io/nim/meta/llama:2.0.7")
    ]
    assert [*differences(one, rebuilt)] == [
        Difference("image", f"llama:2.0.6@sha256:{'3' * 12}", f"llama:2.0.6@sha256:{'4' * 12}")
    ]
