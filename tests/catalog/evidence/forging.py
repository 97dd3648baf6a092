"""What a forger can do: everything but find another text for a hash that somebody kept."""

import json
from collections.abc import Callable
from typing import Any, NamedTuple

from pricetrail.catalog import merkle
from pricetrail.catalog.documents import model_hash
from pricetrail.catalog.prices import prices_of
from pricetrail.catalog.strict_json import dumps, loads


class Forgery(NamedTuple):
    """What is done to a bundle of a kind; `head`: the version whose head was kept, 0 the last."""

    name: str
    kind: str
    forge: Callable[[Any], object]
    head: int

    def __str__(self) -> str:
        return f"{self.kind}: {self.name}"


FORGERIES: list[Forgery] = []


def forgery(
    *kinds: str, head: int = 0
) -> Callable[[Callable[[Any], object]], Callable[[Any], object]]:
    """Put a function into the list, once for each kind of bundle."""

    def add(forge: Callable[[Any], object]) -> Callable[[Any], object]:
        name = forge.__name__.strip("_").replace("_", " ")
        FORGERIES.extend(Forgery(name, kind, forge, head) for kind in kinds)
        return forge

    return add


def field(kind: str, path: str, value: Any, head: int = 0) -> None:
    """A single field that is something else, or is gone (`...`)."""

    def forge(bundle: Any) -> None:
        *parents, last = [int(key) if key.isdecimal() else key for key in path.split(".")]
        place = bundle
        for key in parents:
            place = place[key]
        if value is ...:
            del place[last]
        else:
            place[last] = value

    FORGERIES.append(Forgery(f"{path} = {str(value)[:60]}", kind, forge, head))


def rechain(bundle: Any) -> None:
    """Compute every head anew, and let the claim name the new one."""
    chain = bundle["chain"]
    previous = digest(chain["previous"])
    for link in chain["links"]:
        parts = link["metadata"], digest(link["catalog_root"]), digest(link["body_hash"])
        previous = merkle.chain(previous, *parts)
        link["head"] = merkle.hash_text(previous)
    bundle["claim"]["snapshot"]["hash"] = chain["links"][0]["head"]


def retime(bundle: Any, place: int, **times: str | None) -> None:
    """Other metadata in a link."""
    link = bundle["chain"]["links"][place]
    link["metadata"] = dumps(loads(link["metadata"]) | times)


def reprice(bundle: Any, version: int, prompt: Any) -> Any:
    """A document with another price, as the only model of its version's catalog; its pricing."""
    proof = next(proof for proof in bundle["proofs"] if proof["version"] == version)
    document = loads(proof["document"])
    document["pricing"]["text"]["prompt"] = prompt
    proof["document"], proof["merkle_path"] = dumps(document), []
    leaf = merkle.leaf(bundle["claim"]["model"], model_hash(document))
    first = bundle["chain"]["links"][0]["version"]
    bundle["chain"]["links"][version - first]["catalog_root"] = merkle.hash_text(leaf)
    for side in (bundle["claim"], bundle["claim"].get("before"), bundle["claim"].get("after")):
        if side is not None and side.get("version", first) == version:
            side["pricing"] = document["pricing"]
            side["prices"] = [price.as_json() for price in prices_of(document)]
    return document["pricing"]


def later(bundle: Any, seen_last: str, seen_first: str) -> Any:
    """One more link, after the last."""
    links = bundle["chain"]["links"]
    told = loads(links[-1]["metadata"])
    told |= {"version": told["version"] + 1, "not_before": seen_last, "not_after": seen_first}
    links.append({**links[-1], "version": told["version"], "metadata": dumps(told)})
    return links[-1]


def digest(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("sha256:"))


def deep(levels: int) -> Any:
    return json.loads("[" * levels + "]" * levels)
