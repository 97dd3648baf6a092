"""Catalogs that anybody can work out, and what there is to tell of two of them, in plain words.

Written with nothing of ours: what the product records and sends is held against it.
"""

import json
import random
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple

_NAMES = ("a", "b", "c", "d")
_PRICES = ("0.000003", "0.0000035", "0.000004")


class Told(NamedTuple):
    """One event: its type, its model, and the prompt price before and after where it changed."""

    type: str
    model: str
    before: str | None = None
    after: str | None = None


@lru_cache(maxsize=4096)
def served(seed: int, source: str, tick: int) -> bytes:
    """What a source's gateway answers at a time: each model is another every few times."""
    data = [_model("always", _PRICES[0])]
    for offset, name in enumerate(_NAMES):
        chance = random.Random(f"{seed} {source} {name} {(tick + offset) // len(_NAMES)}")
        if chance.random() < 0.7:
            data.append(_model(name, chance.choice(_PRICES)))
    return json.dumps({"object": "list", "data": data, "total": len(data)}).encode()


def _model(name: str, prompt: str) -> dict[str, Any]:
    text = {"prompt": prompt, "completion": "0.00001"}
    return {"id": name, "pricing": {"kind": "token", "text": text}}


def told(before: bytes, after: bytes) -> Iterator[Told]:
    """What there is to tell of two answers, in no order."""
    old, new = _prompts(before), _prompts(after)
    yield from (Told("model.added", name) for name in new.keys() - old.keys())
    yield from (Told("model.removed", name) for name in old.keys() - new.keys())
    for name in old.keys() & new.keys():
        if old[name] != new[name]:
            yield Told("model.repriced", name, old[name], new[name])


def _prompts(body: bytes) -> dict[str, str]:
    return {one["id"]: one["pricing"]["text"]["prompt"] for one in json.loads(body)["data"]}
