"""Made-up catalogs of any size that change the way real ones do."""

import json
import random
from typing import Any

Catalog = dict[str, Any]


def catalog(models: int, seed: int = 1) -> Catalog:
    """A catalog in the unified schema; about 240 bytes a model, as on a real gateway."""
    chance = random.Random(seed)
    data = [_model(number, chance) for number in range(models)]
    return {"object": "list", "data": data, "total": models}


def _model(number: int, chance: random.Random) -> dict[str, Any]:
    name = f"family-{number % 97}/model-{number:06d}"
    prompt = chance.randint(1, 400)
    pricing: dict[str, Any] = {
        "kind": "token",
        "text": {"prompt": _amount(prompt), "completion": _amount(prompt * 4)},
    }
    if number % 3 == 0:
        pricing["cache"] = {"read": _amount(prompt, 9), "write": _amount(prompt * 5, 9)}
    if number % 20 == 0:
        pricing["tiers"] = {"over_200k": {"text": {"prompt": _amount(prompt * 2)}}}
    return {
        "id": name,
        "display_name": name.replace("-", " ").title(),
        "type_target": ("openai", "anthropic", "gemini")[number % 3],
        "created_at": f"2026-{1 + number % 12:02d}-{1 + number % 28:02d}T00:00:00Z",
        "pricing": pricing,
    }


def _amount(value: int, places: int = 8) -> str:
    return f"0.{value:0{places}d}".rstrip("0")


def repriced(before: Catalog, share: float, seed: int) -> Catalog:
    """The catalog with a share of its models at another prompt price."""
    chance = random.Random(seed)
    data = list(before["data"])
    for place in chance.sample(range(len(data)), max(1, round(len(data) * share))):
        data[place] = priced_anew(data[place], chance)
    return before | {"data": data}


def priced_anew(model: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """The model with another prompt price; the one given stays as it is."""
    pricing = model["pricing"]
    text = pricing["text"] | {"prompt": _amount(chance.randint(401, 99999))}
    return model | {"pricing": pricing | {"text": text}}


def body(some: Catalog) -> bytes:
    """As a gateway serves it."""
    return json.dumps(some, separators=(",", ":")).encode()
