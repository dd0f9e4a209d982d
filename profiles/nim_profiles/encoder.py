"""How a vision NIM shares its KV memory between images and text: `NIM_ENCODER_KV_RATIO_TARGET_SEQ_LEN`.

Only for models that keep the image in a cache of its own (cross attention, such as Llama 3.2 Vision). The container
splits its KV memory so that one full-size image goes with that many text tokens.
"""

from math import ceil, isfinite

WARNING = (
    "The split is fixed at start-up: text longer than the target, or more images than planned, waits although "
    "memory is free on the other side."
)


class ImpossibleWorkload(ValueError):
    """A workload that no split can serve; `faults` has one line for each wrong figure."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        super().__init__(
            "NIM_ENCODER_KV_RATIO_TARGET_SEQ_LEN cannot be derived:\n" + "\n".join(f"  {f}" for f in faults)
        )
        self.faults = faults


def _faults(
    input_tokens: int,
    output_tokens: int,
    image_request_fraction: float,
    image_size_ratio: float,
    max_model_len: int | None,
) -> tuple[str, ...]:
    faults = []
    if input_tokens < 1:
        faults.append(f"input_tokens is {input_tokens}: a request has at least 1 text token")
    if output_tokens < 1:
        faults.append(f"output_tokens is {output_tokens}: an answer has at least 1 token")
    if not (isfinite(image_request_fraction) and 0 < image_request_fraction <= 1):
        faults.append(
            f"image_request_fraction is {image_request_fraction:g}: give the share of requests with an image, above 0 "
            "and at most 1; leave the variable unset where no request has one"
        )
    if not (isfinite(image_size_ratio) and 0 < image_size_ratio <= 1):
        faults.append(
            f"image_size_ratio is {image_size_ratio:g}: give the usual image size over the largest one, above 0 and "
            "at most 1"
        )
    if max_model_len is not None and input_tokens + output_tokens > max_model_len:
        faults.append(
            f"input_tokens + output_tokens is {input_tokens + output_tokens}, above max_model_len {max_model_len}: "
            "such a request is refused; shorten it or raise max_model_len"
        )
    return tuple(faults)


def encoder_kv_target_tokens(
    *,
    input_tokens: int,
    output_tokens: int,
    image_request_fraction: float,
    image_size_ratio: float = 1.0,
    max_model_len: int | None = None,
) -> int:
    """Text tokens to keep for each full-size image, the value of `NIM_ENCODER_KV_RATIO_TARGET_SEQ_LEN`.

    (input + output tokens) / (share of requests with an image x usual image size over the largest one): a request takes
    that many tokens on the text side and, on average, that part of an image on the other. Derived from what the
    variable divides; NVIDIA publishes no measurement. Raises ImpossibleWorkload with every fault at once.
    """
    if faults := _faults(input_tokens, output_tokens, image_request_fraction, image_size_ratio, max_model_len):
        raise ImpossibleWorkload(faults)
    return ceil((input_tokens + output_tokens) / (image_request_fraction * image_size_ratio))
