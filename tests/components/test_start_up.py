from hypothesis import given
from hypothesis import strategies as st

from pulumi_nim.start_up import Rates, download_seconds, start_up_seconds, warm_start_seconds

RATES = Rates(download_bytes_per_second=100, disk_bytes_per_second=1000, fixed_seconds=7)


def test_the_budget_is_download_plus_disk_plus_a_fixed_part() -> None:
    assert start_up_seconds(10_000, RATES) == 7 + 100 + 10


def test_a_job_that_downloads_takes_its_share_off_a_start() -> None:
    assert download_seconds(10_000, RATES) == 7 + 100
    assert warm_start_seconds(10_000, RATES) == 7 + 10


@given(st.integers(0, 10**12), st.integers(0, 10**12))
def test_more_bytes_never_start_sooner(one: int, other: int) -> None:
    assert start_up_seconds(min(one, other)) <= start_up_seconds(max(one, other))
