"""Catalogs whose price files the oracles read, and what using their models costs."""

import json
import lzma
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

from pricetrail.catalog import bills
from pricetrail.catalog.bills import Tariff
from pricetrail.catalog.dialects.registry import get_dialect
from pricetrail.catalog.prices import prices_of
from pricetrail.catalog.strict_json import loads
from pricetrail.catalog.times import utc
from pricetrail.queries import models
from pricetrail.queries.price_files import PriceFileAnswer, ask
from pricetrail.storage.database import Database
from tests.oracles.requests import PriceList, Request, cost_of
from tests.support.histories import build, catalog, model, tokens

SOURCE = "pipellm"
_DRAWN, _SAMPLE = 250, 300
# What prices may depend on, as a path below `tiers`: one condition, or two of them at once.
_CONDITIONS = (
    ("over_131072",),
    ("over_200k",),
    ("over_272k",),
    ("batch",),
    ("batch", "over_200k"),
    ("priority",),
    ("priority", "over_200k"),
    ("priority", "over_131072"),
    ("flex",),
    ("flex", "over_272k"),
    ("fast",),
    ("balanced",),
    ("ultrafast",),
    ("ultrafast", "over_272k"),
    ("utc_1630_0030",),
    ("utc_0000_0600",),
    ("utc_0400_0400",),
    ("utc_1630_0030", "over_200k"),
    ("flex", "utc_0000_0600"),
    # Of the day on which the requests are, and of another one.
    ("from_20260215",),
    ("from_20260215", "batch"),
    ("from_20260215", "over_200k"),
    ("from_20260901",),
)
_TARGETS = ("openai", "anthropic", "gemini", "elsewhere")
_AMOUNTS = ("0", "0.000001", "0.000002", "0.0000035", "0.00001")
# Of the shared history: its first and last observation, and some between.
_EVERY = 235

_TIERED = tokens(
    "0.000003",
    "0.000015",
    cache={"read": "0.0000003", "write": "0.00000375", "write_1h": "0.000006"},
    tiers={
        "over_200k": {
            "text": {"prompt": "0.000006", "completion": "0.0000225"},
            "cache": {"read": "0.0000006", "write": "0.0000075", "write_1h": "0.000012"},
        }
    },
)
_REASONS = {"internal_reasoning": "0.000015"}
_IMAGES = {"input_image": "0.0000051", "output_image": "0.00003"}
_MADE_UP = {
    "plain": tokens("0.0000025", "0.00001"),
    "free": tokens("0", "0"),
    "exact": tokens("0.00000012345678901", "0.000000987654321"),
    "noisy": tokens("0.00000020000000000000002", "0.00000029999999999999996"),
    "dear": tokens("0.03", "12", cache={"read": "1e1"}),
    "input-only": {"kind": "token", "text": {"prompt": "0.0000001"}},
    "vendor/tiered": _TIERED,
    "tiered-reasons": {**_TIERED, "text": {**_TIERED["text"], **_REASONS}},
    "reasons-apart": tokens("0.000001", "0.000002")
    | {"text": {"prompt": "0.000001", "completion": "0.000002", "internal_reasoning": "0.000009"}},
    "some-tiers": tokens(
        "0.000001",
        "0.000002",
        cache={"read": "0.0000001", "write": "0.00000125"},
        tiers={
            "over_131072": {"text": {"prompt": "0.0000015"}},
            "over_272k": {"text": {"completion": "0.000007"}, "cache": {"read": "0.0000007"}},
        },
    ),
    "images:in-and-out": tokens(
        "0.000002", "0.000008", cache={"read": "0.0000002"}, multimodal=_IMAGES
    ),
    "image": {"kind": "generation", "generation": {"image": {"per_image": "0.04"}}},
    "video": {"kind": "generation", "generation": {"video": {"per_second": "0.1"}}},
    "speech": {"kind": "generation", "generation": {"audio": {"per_second": "0.0015"}}},
    "odd": tokens("free", "-1"),
    "none": {"kind": "token"},
    "searches": tokens("0.000001", "0.000002", native={"web_search": "0.01", "request": "0.005"}),
}


def made_up(database: Database) -> list[datetime]:
    """A catalog with every kind of price, once with each protocol, and many more; its time."""
    found = [
        model(f"{target}-{name}", pricing, type_target=target)
        for name, pricing in _MADE_UP.items()
        for target in _TARGETS
    ]
    drawn = Random(20260301)
    for number in range(_DRAWN):
        target = drawn.choice(_TARGETS)
        found.append(model(f"drawn-{number}", _draw(drawn), type_target=target))
    build(database, SOURCE, [("2026-03-01", catalog(*found))])
    return [utc("2026-03-01")]


def _draw(drawn: Random) -> dict[str, Any]:
    """Any prices in any places: what no list would have, and a reader might misread."""
    pricing: dict[str, Any] = {"kind": "token", **_draw_groups(drawn, 0.7)}
    for condition in drawn.sample(_CONDITIONS, drawn.choice((0, 0, 1, 1, 2, 2, 3, 5))):
        place = pricing.setdefault("tiers", {})
        for name in condition:
            place = place.setdefault(name, {})
        for group, prices in _draw_groups(drawn, 0.5).items():
            place.setdefault(group, {}).update(prices)
    return pricing


def _draw_groups(drawn: Random, often: float) -> dict[str, dict[str, str]]:
    places = {
        "text": (("prompt", "completion", "internal_reasoning"), often),
        "cache": (("read", "write", "write_1h"), often * 0.7),
        "multimodal": (("input_image", "output_image"), often * 0.4),
    }
    return {
        group: {name: drawn.choice(_AMOUNTS) for name in names if drawn.random() < chance}
        for group, (names, chance) in places.items()
    }


def real(shared_data: Path, database: Database) -> list[datetime]:
    """The shared history at a few of its times, whole; and these times."""
    times = []
    with lzma.open(shared_data / "openrouter-2026.jsonl.xz", "rt", encoding="utf-8") as stream:
        for number, line in zip(count(), stream, strict=False):
            if number % _EVERY == 0:
                observed = json.loads(line)
                times.append(utc(observed["observed_at"]))
                build(database, SOURCE, [(times[-1], observed["payload"])])
    return times


def everything(_request: Request, _path: str) -> bool:
    """What a file promises that says all that it does not carry."""
    return True


@dataclass(frozen=True)
class PricedFile:
    """A price file, and the documents that it was made from, by id."""

    answer: PriceFileAnswer
    documents: Mapping[str, Mapping[str, Any]]

    @cached_property
    def left_out(self) -> dict[str, set[str | None]]:
        """The paths that the file does not have, by model; None for the model itself."""
        found: dict[str, set[str | None]] = {}
        for item in self.answer.left_out:
            found.setdefault(item.model, set()).add(item.path)
        return found

    def models(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Those that are in the file."""
        for name, document in self.documents.items():
            if None not in self.left_out.get(name, ()):
                yield name, document

    def uses(self, claims: Callable[[Request, str], bool] = everything) -> Iterator["Use"]:
        """Uses of each model below, at and above what its prices may depend on.

        Args:
            claims: whether the file promises anything of a price, by its path, for a request.
        """
        for name, document in self.models():
            prices = PriceList(document)
            for request in prices.requests():
                yield from self._use(name, document, prices, request, claims)

    def _use(
        self,
        name: str,
        document: Mapping[str, Any],
        prices: PriceList,
        request: Request,
        claims: Callable[[Request, str], bool],
    ) -> Iterator["Use"]:
        left_out = self.left_out.get(name, set())
        found = prices.find(bills.PROMPT, request)
        usual = prices.find(bills.PROMPT, replace(request, service="", prompt=0))
        if usual is None or usual.path in left_out:
            # Without a price for it there is no prompt, and what else is read is short.
            request, found = replace(request, prompt=0), None
        elif found is None or found.path in left_out or not claims(request, found.path):
            return
        charged = {}
        for quantity in (*_BESIDE, *_MADE):
            price = prices.find(quantity, request)
            if price is None or price.path in left_out or not claims(request, price.path):
                continue
            if bills.PATHS.get(quantity) not in left_out:
                charged[quantity] = price
        used = {quantity: (_BESIDE | _MADE)[quantity] for quantity in charged}
        if found is not None:
            used[bills.PROMPT] = request.prompt - sum(used.get(one, 0) for one in _INPUTS)
            charged[bills.PROMPT] = found
        if used:
            cost = cost_of(used, charged)
            assert cost == audited(document, request, used), (name, request, used)
            yield Use(name, document, request, used, cost)


def audited(document: Mapping[str, Any], request: Request, used: Mapping[str, int]) -> Decimal:
    """What the audit charges for a use."""
    tariff = Tariff(document.get("pricing"))
    prompt = Decimal(request.prompt)
    (situation,) = tariff.situations((prompt, prompt), request.at, None, request.service)
    bill = tariff.bill({one: Decimal(number) for one, number in used.items()}, situation)
    assert not bill.missing
    return bill.cost


def native(shared_data: Path, database: Database) -> list[datetime]:
    """The newest native list of each gateway, read by its dialect, one after the other."""
    times: list[datetime] = []
    for file in sorted((shared_data / "lists").glob("*.jsonl.xz")):
        with lzma.open(file, "rt", encoding="utf-8") as stream:
            observed = loads(list(stream)[-1])
        entries = get_dialect(file.name.split(".")[0]).read(observed["payload"]).entries
        times.append(utc("2026-07-01") + timedelta(days=len(times)))
        found = {entry.document["id"]: entry.document for entry in entries}
        build(database, SOURCE, [(times[-1], catalog(*found.values()))])
    return times


def public(path: Path, database: Database) -> list[datetime]:
    """Some models of LiteLLM's own map, whose prices depend on something, under other names."""
    entries = get_dialect("litellm").read(loads(path.read_bytes())).entries
    documents = [entry.document for entry in entries if _is_conditional(entry.document)]
    drawn = Random(20260301)
    named = [
        {**document, "id": f"public-{number}", "type_target": drawn.choice(_TARGETS)}
        for number, document in enumerate(drawn.sample(documents, _SAMPLE))
    ]
    build(database, SOURCE, [("2026-03-01", catalog(*named))])
    return [utc("2026-03-01")]


def _is_conditional(document: Mapping[str, Any]) -> bool:
    return any(PriceList(document).conditions)


def file_of(database: Database, form: str, at: datetime) -> PricedFile:
    """A format's file at a time."""
    with database.read() as transaction:
        answer = ask(transaction, SOURCE, form, at)
        states = models.ask(transaction, SOURCE, at).states
    return PricedFile(answer, {state.model: loads(state.document) for state in states})


# How many of each quantity beside the prompt, all of them prime.
_BESIDE = {
    bills.CACHE_READ: 101,
    bills.CACHE_WRITE: 53,
    bills.CACHE_WRITE_1H: 29,
    bills.INPUT_IMAGE: 17,
    bills.COMPLETION: 7_919,
    bills.REASONING: 503,
    bills.OUTPUT_IMAGE: 211,
}
# What is made and not read or written as tokens.
_MADE = {
    bills.IMAGES: 3,
    bills.AUDIO_SECONDS: 61,
    bills.VIDEO_SECONDS: 7,
    bills.WEB_SEARCHES: 13,
    bills.REQUESTS: 1,
}
_INPUTS = (bills.CACHE_READ, bills.CACHE_WRITE, bills.CACHE_WRITE_1H, bills.INPUT_IMAGE)
_OUTPUTS = (bills.COMPLETION, bills.REASONING, bills.OUTPUT_IMAGE)


@dataclass(frozen=True, eq=False)
class Use:
    """One request: disjoint quantities, and what they cost by the audit's own reckoning."""

    model: str
    document: Mapping[str, Any]
    request: Request
    used: Mapping[str, int]
    cost: Decimal

    @property
    def survives_floats(self) -> bool:
        """Whether each price has so few digits that a reader's binary floats keep them all."""
        prices = prices_of(dict(self.document))
        return all(len(p.amount.as_tuple().digits) <= 15 for p in prices if p.amount is not None)

    def __getitem__(self, quantity: str) -> int:
        return self.used.get(quantity, 0)

    @property
    def input(self) -> int:
        """All that the model reads, cached or not."""
        return self[bills.PROMPT] + sum(self[name] for name in _INPUTS)

    @property
    def output(self) -> int:
        """All that it writes."""
        return sum(self[name] for name in _OUTPUTS)
