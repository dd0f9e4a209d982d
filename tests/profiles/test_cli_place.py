import json
from typing import Any

import pytest

from nim_profiles.cli import main


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = main(list(words))
    out, err = capsys.readouterr()
    return code, out, err


def answer(capsys: pytest.CaptureFixture[str], *words: str) -> Any:  # Any: JSON
    return json.loads(run(capsys, "place", *words, "--json")[1])


def test_the_table_says_what_each_node_holds_what_it_costs_and_what_came_next(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code, out, _ = run(capsys, "place", "--precision", "fp8", "--memory-gib-per-gpu", "14", "--replicas", "2")
    assert code == 0
    assert "2  g6.xlarge  1 x L4 22.4 GiB  $1.6096" in out
    assert "endpoint: 1 pod of 1 GPU" in out
    assert "$1.6096/h, $1,175.008 a month of 730 h (prices: 2026-07-20)" in out
    assert "next best: without g6.xlarge: 2 x g6.2xlarge for $1.9552/h, $0.3456/h more" in out


def test_json_has_nodes_runner_up_and_refusals(capsys: pytest.CaptureFixture[str]) -> None:
    found = answer(capsys, "--precision", "bf16", "--tp", "8", "--pp", "2", "--memory-gib-per-gpu", "70")
    (group,) = found["nodes"]
    assert (group["instance_type"], group["count"]) == ("p4de.24xlarge", 2)
    assert group["holds"] == [{"endpoint": "endpoint", "pods": 1, "gpus_per_pod": 8, "stages_per_replica": 2}]
    assert found["usd_per_hour"] == 54.8941
    assert found["runner_up"]["nodes"] == {"g7e.48xlarge": 2}
    assert found["refusals"]["g6.xlarge"] == [
        "has 22.4 GiB a GPU (L4), short by 47.6 GiB",
        "has 1 GPU a node, tensor parallel 8 stays within one",
    ]


def test_a_refusal_exits_with_1_and_lists_every_type(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "place", "--precision", "nvfp4", "--memory-gib-per-gpu", "999", "--json")
    found = json.loads(out)
    assert code == 1
    assert (found["usd_per_hour"], found["nodes"], found["runner_up"], len(found["refusals"])) == (None, [], None, 69)
    assert err.startswith("nim-profiles: no instance type holds endpoint. Every type and what it lacks:\n")


def test_region_capacity_type_allow_list_and_given_prices_count(capsys: pytest.CaptureFixture[str]) -> None:
    words = ("--precision", "fp8", "--memory-gib-per-gpu", "14", "--region", "eu-central-1", "--allow", "g6,g6e.xlarge")
    assert answer(capsys, *words)["nodes"][0]["region"] == "eu-central-1"
    spot = answer(capsys, *words, "--capacity-type", "spot", "--price", "g6e.xlarge=0.5")
    assert (spot["nodes"][0]["instance_type"], spot["usd_per_hour"]) == ("g6e.xlarge", 0.5)
    assert spot["refusals"]["g6.xlarge"] == ["has no known spot price in eu-central-1"]


@pytest.mark.parametrize(
    ("more", "why"),
    [
        (("--allow", "g66"), "--allow names g66: neither a type nor a family"),
        (("--price", "g6.xlarge=cheap"), "--price is 'cheap', which is no amount of dollars"),
        (("--max-usd-per-hour", "-1"), "--max-usd-per-hour is '-1'"),
    ],
)
def test_bad_input_exits_with_2_and_names_the_option(
    more: tuple[str, ...], why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = run(capsys, "place", "--precision", "fp8", "--memory-gib-per-gpu", "14", *more)
    assert code == 2
    assert why in err


def test_instances_are_filtered_and_sorted_by_price(capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(run(capsys, "instances", "--gpu", "l40s", "--min-gpus", "4", "--efa", "--json")[1])["instances"]
    assert [row["instance_type"] for row in found] == ["g6e.12xlarge", "g6e.24xlarge", "g6e.48xlarge"]
    everywhere = json.loads(run(capsys, "instances", "--everywhere", "--json")[1])["instances"]
    assert len(everywhere) == 69


def test_the_list_names_what_cannot_be_used_and_why(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, "instances", "--family", "g6f")
    assert out.count("(vGPU); a NIM needs whole GPUs") == 4
    code, _, err = run(capsys, "instances", "--min-compute-capability", "ada")
    assert code == 2
    assert "is no compute capability" in err
