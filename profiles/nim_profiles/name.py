"""Profile names: the descriptions that NIM containers, their documentation and their users write for profiles.

One grammar (`name_grammar`) covers the LLM and VLM names of 1.0 to 3.0. `-variant` images print names outside of it
(free form), NIMs other than LLM and VLM ones print a list of tags.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from nim_profiles.name_grammar import (
    BUILD_WORDS,
    LENGTH_LIMIT,
    PRECISION,
    TAIL,
    BadProfileName,
    is_gpu_word,
    refuse_disorder,
    refuse_what_no_name_has,
    split,
)
from nim_profiles.tag_list import print_tag_list, read_tag_list

__all__ = ["BadProfileName", "ProfileName"]

_WHOLE = re.compile(r"[1-9][0-9]{0,3}")
_NUMBERS = {"tp": _WHOLE, "pp": _WHOLE, "min_vram_per_device_gb": re.compile(r"[0-9]{1,6}(\.[0-9]{1,6})?")}
"""Tags that are numbers, for tag lists: the grammar of names sees to it by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileName:
    """The parts of a name, each as spelled; None where the name does not say. `str()` gives the name back exactly."""

    engine: str | None = None
    """`vllm`, `tensorrt_llm`, `sglang`, or `trtllm`, which some documentation writes for `tensorrt_llm`."""
    gpu: str | None = None
    """GPU word of a hardware-specific profile: `l40s`, `nvidia-h200`, `dgx-spark`; some documentation uses capitals."""
    build_word: str | None = None
    """`trtllm_buildable` or `local_build`."""
    precision: str | None = None
    tensor_parallel: int | None = None
    pipeline_parallel: int | None = None
    optimisation: str | None = None
    """`latency` or `throughput`."""
    lora_words: str = ""
    """`lora` or `feat_lora`, in 1.x also doubled: `lora-lora`."""
    lora_max_rank: int | None = None
    gpu_device: str | None = None
    """PCI ids, `<device>:<vendor>`."""
    workspace_hash: str | None = None
    number_of_gpus: int | None = None
    """As a 1.1x name states it; may differ from tensor x pipeline, which is what counts."""
    min_vram_gb: float | None = None
    """Per GPU, decimal GB, NVIDIA's own floor."""
    free_form: str | None = None
    """The whole name, if it is outside of the grammar; the other fields then hold only what it spells beyond doubt."""
    tag_list: str | None = None
    """The whole text, if it is a list of tags; what it says is in `tags()`, the other fields say nothing."""

    @property
    def lora(self) -> bool:
        return self.tags().get("feat_lora", "").lower() == "true"

    @property
    def buildable(self) -> bool:
        return self.build_word is not None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Words that the grammar does not know make a free-form name; what no name has raises BadProfileName."""
        if len(text) <= LENGTH_LIMIT and (listed := read_tag_list(text)) is not None:
            for tag, form in _NUMBERS.items():
                if tag in listed and not form.fullmatch(listed[tag]):
                    raise BadProfileName(text, text.index(tag), f"{tag} is {listed[tag]!r}, which is no such number")
            return cls(tag_list=text)
        refuse_what_no_name_has(text)
        engine, head, tail = split(text)
        precision = head.pop() if head and PRECISION.fullmatch(head[-1]) else None
        found = TAIL.match(tail)
        assert found is not None, "TAIL matches any text"  # noqa: S101 - narrows the type
        optimisation, vram = found["optimisation"], found["vram"]
        # Any: one bag for fields of several types.
        spelled: dict[str, Any] = {
            "engine": engine,
            "precision": precision,
            "tensor_parallel": _whole(found["tp"]),
            "pipeline_parallel": _whole(found["pp"]),
            "optimisation": optimisation,
            "lora_words": found["lora"] or "",
        }
        place = "-".join(head)
        placed = True
        if place in BUILD_WORDS:
            spelled["build_word"] = place
        elif place and is_gpu_word(place, engine=engine, precision=precision, optimised=optimisation is not None):
            spelled["gpu"] = place
        else:
            placed = not place
        # A number on its own says neither what it counts nor that it is memory: NIM prints memory with its decimal.
        unclear = found["gpus"] and not (found["device"] or found["hash"] or optimisation or found["rank"])
        misspelt = vram and str(float(vram)) != vram
        if not placed or found.end() < len(tail) or unclear or misspelt or not (engine or found["tp"]):
            refuse_disorder(text)
            return cls(free_form=text, **spelled)
        return cls(
            **spelled,
            lora_max_rank=_whole(found["rank"]),
            gpu_device=found["device"],
            workspace_hash=found["hash"],
            number_of_gpus=_whole(found["gpus"]),
            min_vram_gb=float(vram) if vram else None,
        )

    @classmethod
    def from_tags(cls, tags: Mapping[str, str]) -> Self:
        """The name a container prints for these tags; tags without engine and `tp` make a tag list.

        The rule is inferred from printed names. The tags tell the version, and with it what its names leave out:
        only 1.1x (`nim_workspace_hash_v1`) and 2.x (`min_vram_per_device_gb`) print device, hash, count and memory;
        LoRA is `feat_lora` where neither a rank nor an optimisation marks 1.x; early VLM names leave out `pp`.
        Raises BadProfileName for a value that no name can hold.
        """
        if not {"llm_engine", "tp"} & tags.keys():
            return cls.parse(print_tag_list(tags))
        v1 = "feat_lora_max_rank" in tags or "profile" in tags
        early = "profile" in tags and "llm_engine" not in tags
        hashed = "nim_workspace_hash_v1" in tags
        suffixed = hashed or "min_vram_per_device_gb" in tags
        lora = tags.get("feat_lora", "").lower() == "true"
        buildable = tags.get("trtllm_buildable", "").lower() == "true"
        parts = (
            tags.get("llm_engine"),
            BUILD_WORDS[0] if buildable else "-".join(tags.get("gpu", "").lower().split()),
            tags.get("precision"),
            f"tp{tags['tp']}" if "tp" in tags else None,
            f"pp{tags['pp']}" if "pp" in tags and not early else None,
            tags.get("profile"),
            ("lora" if v1 else "feat_lora") if lora else None,
            tags.get("feat_lora_max_rank") if hashed and lora else None,
            tags.get("gpu_device") if suffixed else None,
            tags.get("nim_workspace_hash_v1"),
            tags.get("number_of_gpus") if suffixed else None,
            tags.get("min_vram_per_device_gb"),
        )
        return cls.parse("-".join(part for part in parts if part))

    def tags(self) -> dict[str, str]:
        """The tags that the name spells out, in the manifest's spelling (GPU words as from 1.8 on: lower case).

        A subset of the manifest's: a name without a LoRA word does not say `feat_lora: 'false'`.
        """
        if self.tag_list is not None:
            return read_tag_list(self.tag_list) or {}
        profile = self.optimisation
        spelled = {
            "llm_engine": "tensorrt_llm" if self.engine == "trtllm" else self.engine,
            "gpu": self.gpu and self.gpu.lower(),
            "trtllm_buildable": "true" if self.build_word == BUILD_WORDS[0] else None,
            "precision": self.precision and self.precision.lower(),
            "tp": self.tensor_parallel,
            "pp": self.pipeline_parallel,
            "profile": f"{profile}-lora" if profile and self.lora_words.startswith("lora-") else profile,
            "feat_lora": "true" if self.lora_words else None,
            "feat_lora_max_rank": self.lora_max_rank,
            "gpu_device": self.gpu_device and self.gpu_device.lower(),
            "nim_workspace_hash_v1": self.workspace_hash,
            "number_of_gpus": self.number_of_gpus,
            "min_vram_per_device_gb": self.min_vram_gb,
        }
        return {key: str(value) for key, value in spelled.items() if value is not None}

    def __str__(self) -> str:
        parts = (
            self.engine,
            self.gpu or self.build_word,
            self.precision,
            self.tensor_parallel and f"tp{self.tensor_parallel}",
            self.pipeline_parallel and f"pp{self.pipeline_parallel}",
            self.optimisation,
            self.lora_words or None,
            self.lora_max_rank,
            self.gpu_device,
            self.workspace_hash,
            self.number_of_gpus,
            self.min_vram_gb,
        )
        return self.tag_list or self.free_form or "-".join(str(part) for part in parts if part is not None)


def _whole(text: str | None) -> int | None:
    return None if text is None else int(text)
