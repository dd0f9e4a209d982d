import pytest

from nim_profiles.adoption.quantity import whole_gib


@pytest.mark.parametrize(
    ("text", "gib"),
    [
        ("50Gi", 50),
        ("1Ti", 1024),
        ("100G", 94),
        ("512Mi", 1),
        (1073741825, 2),
        ("2.5Gi", None),
        (None, None),
        ("x", None),
    ],
)
def test_an_amount_of_storage_is_read_in_whole_gib_upwards(text: object, gib: int | None) -> None:
    assert whole_gib(text) == gib
