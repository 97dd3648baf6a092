"""The page about checking a map shows what the command prints."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.pricetrail.commands.running import made_up_history, run, shown

PAGE = Path(__file__).resolve().parents[2] / "docs" / "checking-a-map.md"


@pytest.fixture(autouse=True)
def _map(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    made_up_history()
    shown("export", "--as", "litellm", "--at", "2026-03-01T10:30:00Z", "-o", "prices.json")
    costs = json.loads(Path("prices.json").read_text(encoding="utf-8"))
    costs["gpt-5"]["input_cost_per_token_batches"] = 1
    Path("prices.json").write_text(json.dumps(costs), encoding="utf-8")


def shape(value: Any) -> Any:
    """What a document has: the keys of its objects, all the way down."""
    if isinstance(value, dict):
        return {key: shape(member) for key, member in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value and isinstance(value[0], dict) else []
    return None


def test_the_document_has_the_keys_of_the_page() -> None:
    [written] = re.findall(r"```json\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    _, out, _ = run("check-map", "prices.json", "--as", "litellm", "--json")
    assert shape(json.loads(written)) == shape(json.loads(out))


def test_the_table_is_the_one_of_the_page() -> None:
    _, out, _ = run("check-map", "prices.json", "--as", "litellm")
    page = PAGE.read_text(encoding="utf-8")
    assert all(line in page for line in out.splitlines()[:2])
