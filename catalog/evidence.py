"""A price as a bundle that proves itself: built from a history, checked without one.

A bundle holds what `pricetrail price` answered, the model's document of each version that the
answer rests on with the Merkle path to that version's root, and the chain from the first of these
versions to the head. Whoever kept a head of that stretch, from a message or by `pricetrail head`,
needs nothing else. `docs/what-we-promise.md` describes the format.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from catalog import merkle
from catalog.documents import model_hash
from catalog.errors import CatalogError
from catalog.price_lists import shown_prices
from catalog.saved_heads import SavedHead
from catalog.strict_json import dumps, loads
from catalog.times import TimeError, utc

FORMAT = "pricetrail evidence 1"
COVERAGE_NOTE = "what pricetrail wrote down about its polls; the chain does not cover it"


@dataclass(frozen=True, slots=True)
class Link:
    """One version's place in the chain; `metadata` is its canonical JSON."""

    version: int
    metadata: str
    catalog_root: bytes
    body_hash: bytes
    head: bytes


@dataclass(frozen=True, slots=True)
class Listing:
    """A version's models as (id, hash) in order of id, and the document asked about, if listed."""

    version: int
    hashes: Sequence[tuple[str, bytes]]
    document: str | None


def build(
    claim: dict[str, Any],
    listings: Iterable[Listing],
    previous: bytes,
    links: Iterable[Link],
    coverage: Sequence[dict[str, Any]],
) -> dict[str, Any]:
    """The bundle, JSON-ready.

    Args:
        claim: the document of `pricetrail price`.
        listings: of the versions that the claim rests on, the earlier one first.
        previous: the head before the first link.
        links: from the first of these versions to the head.
    """
    return {
        "format": FORMAT,
        "claim": claim,
        "proofs": [_proof(claim["model"], listing) for listing in listings],
        "chain": {"previous": merkle.shown(previous), "links": [_shown(link) for link in links]},
        "coverage": {"note": COVERAGE_NOTE, "stretches": list(coverage)},
    }


def _proof(model: str, listing: Listing) -> dict[str, Any]:
    if listing.document is None:
        # That a model is not listed is proven by showing all that are.
        models = [[name, merkle.shown(digest)] for name, digest in listing.hashes]
        return {"version": listing.version, "visible": False, "models": models}
    leaves = [merkle.leaf(name, digest) for name, digest in listing.hashes]
    index = [name for name, _ in listing.hashes].index(model)
    path = [[side, merkle.shown(digest)] for side, digest in merkle.path(leaves, index)]
    return {
        "version": listing.version,
        "visible": True,
        "document": listing.document,
        "merkle_path": path,
    }


def _shown(link: Link) -> dict[str, Any]:
    return {
        "version": link.version,
        "metadata": link.metadata,
        "catalog_root": merkle.shown(link.catalog_root),
        "body_hash": merkle.shown(link.body_hash),
        "head": merkle.shown(link.head),
    }


@dataclass(frozen=True, slots=True)
class Finding:
    """What checking a bundle found: `problems` is empty where all of it fits.

    `since` is when the version before the asked instant was first seen, and `until` the last
    instant that saw it before the next version, both as the chain tells; `until` is None where
    the chain ends with it. `head` is the last one.
    """

    problems: list[str]
    head: str | None = None
    since: str | None = None
    until: str | None = None


def check(bundle: Any, saved: SavedHead | None = None) -> Finding:
    """Recompute everything that a bundle claims, from itself alone.

    Args:
        saved: a head that the reader trusts; without it a bundle only agrees with itself.
    """
    try:
        if not isinstance(bundle, dict) or bundle.get("format") != FORMAT:
            return Finding([f"this is no bundle of the format {FORMAT!r}"])
        links = [_link(entry) for entry in bundle["chain"]["links"]]
        problems = [
            *_chain_problems(_digest(bundle["chain"]["previous"]), links, bundle["claim"]),
            *_proof_problems(bundle, {link.version: link for link in links}),
            *_claim_problems(bundle, links),
            *_head_problems(links, saved),
        ]
        since, until = _bounds(links)
    except KeyError as error:
        return Finding([f"the bundle is not whole: {error} is missing"])
    except (CatalogError, TimeError, TypeError, ValueError, IndexError, AttributeError) as error:
        return Finding([f"the bundle is not whole: {error}"])
    return Finding(problems, merkle.shown(links[-1].head), since, until)


def _link(entry: Any) -> Link:
    version, metadata = entry["version"], entry["metadata"]
    if type(version) is not int or not isinstance(metadata, str):
        raise ValueError("a link of the chain has no version, or no metadata")
    root, body, head = (_digest(entry[name]) for name in ("catalog_root", "body_hash", "head"))
    return Link(version, metadata, root, body, head)


def _digest(text: Any) -> bytes:
    digest = bytes.fromhex(str(text).removeprefix("sha256:"))
    if len(digest) != len(merkle.GENESIS):
        raise ValueError(f"{str(text)[:80]!r} is no SHA-256")
    return digest


def _chain_problems(previous: bytes, links: list[Link], claim: Any) -> Iterator[str]:
    for place, link in enumerate(links):
        said = loads(link.metadata)
        if link.version != links[0].version + place:
            yield f"the chain is not in order at version {link.version}"
        if (said["version"], said["source"]) != (link.version, claim["source"]):
            yield f"the metadata of version {link.version} is that of another version or source"
        head = merkle.chain(previous, link.metadata, link.catalog_root, link.body_hash)
        if head != link.head:
            yield f"the chain breaks at version {link.version}"
        previous = link.head


def _proof_problems(bundle: dict[str, Any], links: dict[int, Link]) -> Iterator[str]:
    model = bundle["claim"]["model"]
    for proof in bundle["proofs"]:
        version = proof["version"]
        if version not in links:
            yield f"version {version} is not in the chain"
        elif _root(proof, model) != links[version].catalog_root:
            yield f"the model does not belong to the catalog of version {version}"
        if proof["visible"] and loads(proof["document"])["id"] != model:
            yield f"the document of version {version} is another model's"
        if not proof["visible"] and model in [name for name, _ in proof["models"]]:
            yield f"the model is listed in version {version}"


def _root(proof: dict[str, Any], model: str) -> bytes:
    if proof["visible"]:
        leaf = merkle.leaf(model, model_hash(loads(proof["document"])))
        path = [(side, _digest(digest)) for side, digest in proof["merkle_path"]]
        return merkle.root_from_path(leaf, path)
    return merkle.root([merkle.leaf(name, _digest(digest)) for name, digest in proof["models"]])


def _claim_problems(bundle: dict[str, Any], links: list[Link]) -> Iterator[str]:
    claim, proofs = bundle["claim"], {proof["version"]: proof for proof in bundle["proofs"]}
    if (links[0].version, merkle.shown(links[0].head)) != (
        claim["snapshot"]["version"],
        claim["snapshot"]["hash"],
    ):
        yield "the claim rests on another version than the chain begins with"
    if claim["certainty"] not in ("observed", "bracketed", "gap"):
        yield "the claim does not say how certain it is"
    sides = [{"version": claim["snapshot"]["version"], **claim}]
    sides += [claim[side] for side in ("before", "after") if claim.get(side) is not None]
    for side in sides:
        proof = proofs.get(side["version"])
        if proof is None:
            yield f"nothing proves what is said of version {side['version']}"
        elif dumps([side["pricing"], side["prices"]]) != dumps(_priced(proof)):
            yield f"the prices are not those of the document in version {side['version']}"
    yield from _time_problems(claim, links)


def _priced(proof: dict[str, Any]) -> list[Any]:
    document = loads(proof["document"]) if proof["visible"] else {}
    return [document.get("pricing"), shown_prices(document)]


def _time_problems(claim: dict[str, Any], links: list[Link]) -> Iterator[str]:
    asked = utc(claim["at"])
    if asked < _time(links[0], "not_after"):
        yield f"version {links[0].version} was first seen after the time asked about"
    # In a gap a later catalog may have been seen already, and been set aside at first.
    if claim["certainty"] != "gap" and len(links) > 1 and asked > _time(links[1], "not_after"):
        yield f"version {links[1].version} was there already at the time asked about"


def _time(link: Link, name: str) -> datetime:
    return utc(loads(link.metadata)[name])


def _head_problems(links: list[Link], saved: SavedHead | None) -> Iterator[str]:
    if saved is None:
        return
    known = {link.head: link.version for link in links}
    if saved.hash not in known:
        yield f"the saved head {saved} is not in this chain, which is not the one it is a head of"
    elif saved.version not in (None, known[saved.hash]):
        yield f"the saved head is that of version {known[saved.hash]}, not {saved.version}"


def _bounds(links: list[Link]) -> tuple[str, str | None]:
    since: str = loads(links[0].metadata)["not_after"]
    until: str | None = loads(links[1].metadata)["not_before"] if len(links) > 1 else None
    return since, until
