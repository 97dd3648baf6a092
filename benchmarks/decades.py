"""Made-up years of hourly polls, made piece by piece: ten years of bodies would be 25 GB."""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from benchmarks.catalogs import catalog, priced_anew

HOUR = timedelta(hours=1)
START = datetime(2016, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Scale:
    """How much history: `changing` is the share of polls, `changed` that of models in one."""

    polls: int
    models: int
    changing: float = 0.03
    changed: float = 0.01

    def at(self, poll: int) -> datetime:
        """When a poll was made."""
        return START + poll * HOUR


def versions(scale: Scale) -> Iterator[tuple[int, bytes]]:
    """The polls that found another catalog, the first among them, and what each found."""
    chance = random.Random(7)
    documents = catalog(scale.models)["data"]
    texts = [as_text(document) for document in documents]
    yield 0, as_body(texts)
    for poll in range(1, scale.polls):
        if chance.random() >= scale.changing:
            continue
        count = max(1, round(scale.models * scale.changed))
        for place in chance.sample(range(scale.models), count):
            documents[place] = priced_anew(documents[place], chance)
            texts[place] = as_text(documents[place])
        yield poll, as_body(texts)


def polls(scale: Scale) -> Iterator[tuple[datetime, bytes]]:
    """Every poll, with the body it was served."""
    found = versions(scale)
    _, body = next(found)
    following = next(found, None)
    for poll in range(scale.polls):
        if following is not None and following[0] == poll:
            body = following[1]
            following = next(found, None)
        yield scale.at(poll), body


def as_text(document: object) -> str:
    return json.dumps(document, separators=(",", ":"))


def as_body(texts: list[str]) -> bytes:
    listed = ",".join(texts)
    return f'{{"object":"list","data":[{listed}],"total":{len(texts)}}}'.encode()
