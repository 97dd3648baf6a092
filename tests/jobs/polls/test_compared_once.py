"""How often a changed poll parses, hashes and compares: once each, whatever looks at it after."""

import json
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from deepdiff import DeepDiff

from pricetrail.catalog import catalogs, comparisons, diffs, documents, strict_json
from pricetrail.jobs.polls.gateway import Answer
from pricetrail.storage.schema import prepare
from tests.jobs.stage import listing, model, staged

MODELS = 20


class CountingDecoder:
    """The strict decoder; counts the models' documents that it parses, by id and price."""

    def __init__(self, counts: Counter[str]) -> None:
        self.counts = counts

    def decode(self, text: str) -> Any:
        return self._counted(strict_decoder.decode(text))

    def raw_decode(self, text: str, start: int) -> tuple[Any, int]:
        value, end = strict_decoder.raw_decode(text, start)
        return self._counted(value), end

    def _counted(self, value: Any) -> Any:
        if isinstance(value, dict) and "pricing" in value:
            self.counts[f"parsed {value['id']} {value['pricing']['text']['prompt']}"] += 1
        return value


strict_decoder = strict_json.decoder


@pytest.fixture
def counts(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """What is done from here on, by name."""
    found: Counter[str] = Counter()

    def counting(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def count(*given: Any, **named: Any) -> Any:
            found[name] += 1
            return function(*given, **named)

        return count

    for module in (strict_json, catalogs):
        monkeypatch.setattr(module, "decoder", CountingDecoder(found))
    monkeypatch.setattr(documents, "canonical", counting("hashed", documents.canonical))
    monkeypatch.setattr(diffs, "DeepDiff", counting("compared leaves", DeepDiff))
    monkeypatch.setattr(comparisons, "compare", counting("compared ids", diffs.compare))
    return found


def catalog(*prices: str, extra: tuple[str, ...] = ()) -> dict[str, Any]:
    """Models of which the first ones cost what is given."""
    given = dict(enumerate(prices))
    names = [(f"m-{n:02}", given.get(n, "0.5")) for n in range(MODELS)]
    return listing(*(model(name, price) for name, price in [*names, *((n, "1") for n in extra)]))


@pytest.mark.parametrize("settings", [{}, {"hold": timedelta(hours=1)}, {"confirm_removals": 2}])
def test_a_changed_poll_does_each_thing_once(
    tmp_path: Path, counts: Counter[str], settings: dict[str, Any]
) -> None:
    url = f"sqlite:///{tmp_path / 'once.db'}"
    prepare(url)
    with staged(url) as stage:
        poller = stage.poller()

        def poll(served: dict[str, Any]) -> str:
            stage.pass_time(minutes=15)
            stage.served = Answer(200, json.dumps(served).encode(), None, False)
            return poller.poll(stage.source(**settings)).outcome

        poll(catalog(extra=("gone",)))
        counts.clear()
        outcome = poll(catalog("0.25", "0.75", extra=("new",)))
    assert outcome == "changed"
    assert counts == {
        # Each side of each model that changed, the one that came and the one that went.
        "parsed m-00 0.5": 1,
        "parsed m-00 0.25": 1,
        "parsed m-01 0.5": 1,
        "parsed m-01 0.75": 1,
        "parsed new 1": 1,
        "parsed gone 1": 1,
        "hashed": 3,
        "compared ids": 1,
        "compared leaves": 1,
    }
