"""`pricetrail check-map`: what it prints, and how it ends."""

import json
from pathlib import Path

import pytest

from tests.pricetrail.commands.running import made_up_history, refused, run, shown


@pytest.fixture(autouse=True)
def _history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    made_up_history()


def write_map(**prompts: str) -> None:
    entries = {
        name: {"input_cost_per_token": float(prompt), "output_cost_per_token": 0.000015}
        for name, prompt in prompts.items()
    }
    Path("map.json").write_text(json.dumps(entries), encoding="utf-8")


@pytest.mark.parametrize("form", ["litellm", "models.dev", "genai-prices"])
@pytest.mark.parametrize("suffix", ["", ".xz"])
def test_a_file_that_was_exported_agrees_until_the_gateway_goes_on(form: str, suffix: str) -> None:
    file = f"map.json{suffix}"
    shown("export", "--as", form, "--at", "2026-03-01T10:30:00Z", "-o", file)
    code, out, _ = run("check-map", file, "--as", form, "--at", "2026-03-01T11:00:00Z")
    assert (code, out.splitlines()[-1].split(";")[0]) == (
        0,
        "2 models compared: 0 differ, 0 only in the map, 0 only at s",
    )
    code, out, err = run("check-map", file, "--as", form)
    assert code == 1
    [_, row, *_] = out.splitlines()
    assert " ".join(row.split()) == (
        "gpt-5 prompt $3.00 $2.50 /1M −16.7% 2026-03-01T12:00:00Z 2026-03-01T12:00:00Z"
    )
    assert err.splitlines()[-1] == f"pricetrail: {file} and s differ in 1 model"


def test_as_json_there_is_one_document_and_the_exit_code_is_the_same() -> None:
    write_map(**{"openai/gpt-5": "0.000003"})
    command = ["check-map", "map.json", "--as", "litellm", "--model", "openai/*=*", "--json"]
    code, out, _ = run(*command)
    assert code == 1
    [difference] = json.loads(out)["differences"]
    assert (difference["model"], difference["named"]) == ("gpt-5", "openai/gpt-5")
    assert difference["prices"][0]["percent"] == "-16.67"


def test_names_that_the_configuration_joins_are_one_model() -> None:
    write_map(**{"azure/gpt-5-2025": "0.000003"})
    refused(3, "check-map", "map.json", "--as", "litellm")
    Path("pricetrail.toml").write_text('[aliases]\n"gpt-5" = ["azure/gpt-5-2025"]\n')
    code, out, _ = run("check-map", "map.json", "--as", "litellm", "--json")
    assert code == 1
    [difference] = json.loads(out)["differences"]
    assert (difference["model"], difference["named"]) == ("gpt-5", "azure/gpt-5-2025")


def test_what_was_not_compared_is_said_beside_it() -> None:
    entry = {"input_cost_per_token": 0.0000025, "output_cost_per_token": 0.000015}
    entry |= {"input_cost_per_token_batches": 0.000001}
    Path("map.json").write_text(json.dumps({"gpt-5": entry}), encoding="utf-8")
    code, _, err = run("check-map", "map.json", "--as", "litellm")
    assert code == 0
    assert err.strip() == (
        "not compared: 1 × tiers.batch.text.prompt: the gateway lists no such price"
    )


def test_a_file_of_no_use_is_exit_code_2_and_one_without_a_known_model_3() -> None:
    Path("map.json").write_text("no JSON", encoding="utf-8")
    assert "no price file for litellm" in refused(2, "check-map", "map.json", "--as", "litellm")
    assert "cannot read none.json" in refused(2, "check-map", "none.json", "--as", "litellm")
    bad = refused(2, "check-map", "map.json", "--as", "litellm", "--model", "x")
    assert "--model 'x': write old=new" in bad
    write_map(other="1")
    assert "--model old=new" in refused(3, "check-map", "map.json", "--as", "litellm")
