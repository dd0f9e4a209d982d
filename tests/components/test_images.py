import pytest

from pulumi_nim.images import BadImage, Image

DIGEST = f"sha256:{'a' * 64}"


@pytest.mark.parametrize(
    "text",
    [
        f"nvcr.io/nim/meta/llama-3.1-8b-instruct:2.0.6@{DIGEST}",
        f"localhost:5000/a/b@{DIGEST}",
        f"vllm/vllm-openai@{DIGEST}",
    ],
)
def test_a_pinned_image_prints_as_it_was_written(text: str) -> None:
    assert str(Image.parse(text)) == text


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("nvcr.io/nim/meta/llama:2.0.6", "has no digest"),
        (f"nvcr.io/nim/meta/llama:latest@{DIGEST}", "the tag `latest`"),
        ("nvcr.io/nim/meta/llama:latest", "the tag `latest`"),
        ("nvcr.io/nim/meta/llama@sha256:abc", "is not an image reference"),
        ("LLAMA", "is not an image reference"),
        ("", "is not an image reference"),
    ],
)
def test_anything_else_is_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(BadImage, match=reason):
        Image.parse(text)
