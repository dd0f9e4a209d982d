from hypothesis import given
from hypothesis import strategies as st

from pulumi_nim.start_up import Rates, start_up_seconds


def test_the_budget_is_download_plus_disk_plus_a_fixed_part() -> None:
    rates = Rates(download_bytes_per_second=100, disk_bytes_per_second=1000, fixed_seconds=7)
    assert start_up_seconds(10_000, rates) == 7 + 100 + 10


@given(st.integers(0, 10**12), st.integers(0, 10**12))
def test_more_bytes_never_start_sooner(one: int, other: int) -> None:
    assert start_up_seconds(min(one, other)) <= start_up_seconds(max(one, other))
