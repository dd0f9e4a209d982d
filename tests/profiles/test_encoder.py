"""Encoder share of the KV memory of vision NIMs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nim_profiles.encoder import ImpossibleWorkload, encoder_kv_target_tokens


def test_when_every_request_has_a_full_image_the_target_is_one_requests_text() -> None:
    assert (
        encoder_kv_target_tokens(input_tokens=900, output_tokens=100, image_request_fraction=1, image_size_ratio=1)
        == 1000
    )


def test_half_the_images_at_half_the_size_leave_four_times_the_text() -> None:
    found = encoder_kv_target_tokens(
        input_tokens=900, output_tokens=100, image_request_fraction=0.5, image_size_ratio=0.5
    )
    assert found == 4000


def test_a_part_of_a_token_counts_as_one() -> None:
    assert encoder_kv_target_tokens(input_tokens=1, output_tokens=1, image_request_fraction=0.3) == 7


def test_a_refusal_names_every_impossible_figure() -> None:
    with pytest.raises(ImpossibleWorkload) as refused:
        encoder_kv_target_tokens(
            input_tokens=0, output_tokens=-1, image_request_fraction=0, image_size_ratio=float("nan"), max_model_len=8
        )
    assert [fault.split(" is ")[0] for fault in refused.value.faults] == [
        "input_tokens",
        "output_tokens",
        "image_request_fraction",
        "image_size_ratio",
    ]


def test_a_request_longer_than_the_model_takes_is_refused() -> None:
    with pytest.raises(ImpossibleWorkload, match="is 9000, above max_model_len 8192"):
        encoder_kv_target_tokens(input_tokens=8000, output_tokens=1000, image_request_fraction=1, max_model_len=8192)


@given(st.integers(1, 10**6), st.integers(1, 10**6), st.floats(0.01, 1), st.floats(0.01, 1))
def test_rarer_or_smaller_images_never_leave_less_text(
    tokens_in: int, tokens_out: int, share: float, size: float
) -> None:
    def target(image_request_fraction: float, image_size_ratio: float) -> int:
        return encoder_kv_target_tokens(
            input_tokens=tokens_in,
            output_tokens=tokens_out,
            image_request_fraction=image_request_fraction,
            image_size_ratio=image_size_ratio,
        )

    assert target(share, size) >= target(1, size) >= target(1, 1) == tokens_in + tokens_out
