"""A history whose prices change in every way, and usage of every style beside it."""

import random
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from pricetrail.catalog.times import rfc3339
from pricetrail.storage.database import Database
from tests.support.histories import Catalog, at, build, catalog, hourly, model, tokens

_HOURS = 60
_START = "2026-03-01T00:00:00Z"
MODELS = ("plain", "tiers", "hours", "days", "away", "unknown", "Total", " plain ")

_TIERS = ("", "batch", "priority", "Default", "?!")

Cells = Mapping[str, str]


def _amount(chance: random.Random) -> str:
    return f"0.{chance.randrange(1, 10**17):023}"


def _catalog(chance: random.Random, hour: int) -> Catalog:
    def priced(**groups: Any) -> dict[str, Any]:
        return tokens(_amount(chance), _amount(chance), cache={"read": _amount(chance)}, **groups)

    over = {"text": {"prompt": _amount(chance)}}
    models = [
        model("plain", priced()),
        model("tiers", priced(tiers={"over_200k": over, "batch": over, "over_128k": over})),
        model("hours", priced(tiers={"utc_1630_0030": over})),
        model("days", priced(tiers={"from_20260302": over})),
    ]
    return catalog(*models, *([model("away", priced())] if hour % 20 < 10 else []))


def record(database: Database) -> None:
    """A poll an hour, of which some fail; every seventh sees other prices."""
    chance, catalogs = random.Random(5), list[Catalog | None]()
    found = _catalog(chance, 0)
    for hour in range(_HOURS):
        if hour % 7 == 3:
            found = _catalog(chance, hour)
        catalogs.append(None if hour in (12, 13, 40) else found)
    build(database, "pipellm", hourly(_START, catalogs))


def _when(chance: random.Random) -> str:
    hours = chance.choice((chance.randrange(-2, _HOURS + 2), chance.uniform(-1, _HOURS + 1)))
    moment = at(_START) + timedelta(hours=hours)
    plain = rfc3339(moment)
    return chance.choices(
        (
            plain,
            plain.replace("Z", "+02:00"),
            plain.replace("T", " "),
            str(int(moment.timestamp())),
            plain[:10],
            plain.removesuffix("Z"),
            "2026-02-30T00:00:00Z",
            "",
        ),
        (80, 5, 5, 5, 5, 1, 1, 1),
    )[0]


def _number(chance: random.Random, most: int = 300_000) -> str:
    usual = str(chance.randrange(most))
    odd = (f" {usual}", "1,234", "1.5", "-3", "9" * 16, "1e3", usual + "\u2028", '"', "NaN")
    return chance.choices(("", "0", usual, chance.choice(odd)), (5, 5, 190, 2))[0]


def row(chance: random.Random) -> Cells:
    """A row as people's files have them, one in some with something odd."""
    cached, prompt = _number(chance, 1000), _number(chance)
    completion, reasoning = _number(chance), _number(chance, 100)
    counts = (prompt, completion, *chance.choice(((), (cached,), (cached, reasoning))))
    total = str(sum(int(one) for one in counts)) if all(map(str.isdecimal, counts)) else ""
    return {
        "time": _when(chance),
        "model": chance.choices(MODELS, (20, 20, 20, 20, 10, 2, 1, 2))[0],
        "prompt": prompt,
        "cache_read": cached,
        "completion": completion,
        "reasoning_tokens": reasoning,
        "total_tokens": chance.choice(("", total)),
        "service_tier": chance.choices(_TIERS, (90, 20, 5, 5, 2))[0],
        "requests": chance.choices(("1", "", "7", "0"), (90, 4, 4, 1))[0],
        "request_id": f"r{chance.randrange(20 if chance.random() < 0.02 else 10**9)}",
        "team": chance.choice(("", "search", "sup,port", 'the "A" team', " ops ", "ös\u2028")),
    }


def rows(seed: int, number: int) -> list[Cells]:
    """So many rows."""
    chance = random.Random(seed)
    return [row(chance) for _ in range(number)]
