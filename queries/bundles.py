"""A price as a bundle that proves itself to whoever kept a head: how it is built.

A bundle holds what `pricetrail price` answered, the model's document of each version that the
answer rests on with the Merkle path to that version's root, and the chain from the first of these
versions to the head. Whoever kept a head of that stretch, from a message or by `pricetrail head`,
needs nothing else. `docs/what-we-promise.md` describes the format, `catalog.evidence` checks one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pricetrail.catalog import merkle
from pricetrail.catalog.bundle_reading import FORMAT
from pricetrail.queries.price import PriceAnswer

COVERAGE_NOTE = "what pricetrail wrote down about its polls; the chain does not cover it"


@dataclass(frozen=True, slots=True)
class Link:
    """One version's place in the chain; `metadata` is its canonical JSON."""

    version: int
    metadata: str
    catalog_root: bytes
    body_hash: bytes
    head: bytes

    def as_json(self) -> dict[str, object]:
        """One of the `chain.links`."""
        return {
            "version": self.version,
            "metadata": self.metadata,
            "catalog_root": merkle.hash_text(self.catalog_root),
            "body_hash": merkle.hash_text(self.body_hash),
            "head": merkle.hash_text(self.head),
        }


@dataclass(frozen=True, slots=True)
class Listing:
    """A version's models as (id, hash) in order of id, and the document asked about, if listed.

    `body` is the list as it was served, where the bundle is to carry it.
    """

    version: int
    hashes: Sequence[tuple[str, bytes]]
    document: str | None
    body: str | None = None


def build(
    claim: PriceAnswer,
    listings: Iterable[Listing],
    previous: bytes,
    links: Iterable[Link],
    coverage: Sequence[dict[str, object]],
) -> dict[str, object]:
    """The bundle, JSON-ready.

    Args:
        claim: what `pricetrail price` answers, as the chain dates it.
        listings: of the versions that the claim rests on, the earlier one first.
        previous: the head before the first link.
        links: from the first of these versions to the head.
    """
    return {
        "format": FORMAT,
        "claim": claim.as_json(),
        "proofs": [_proof(claim.model, listing) for listing in listings],
        "chain": {
            "previous": merkle.hash_text(previous),
            "links": [link.as_json() for link in links],
        },
        "coverage": {"note": COVERAGE_NOTE, "stretches": list(coverage)},
    }


def _proof(model: str, listing: Listing) -> dict[str, object]:
    return _membership(model, listing) | ({} if listing.body is None else {"body": listing.body})


def _membership(model: str, listing: Listing) -> dict[str, object]:
    if listing.document is None:
        # That a model is not listed is proven by showing all that are.
        models = [[name, merkle.hash_text(digest)] for name, digest in listing.hashes]
        return {"version": listing.version, "visible": False, "models": models}
    leaves = [merkle.leaf(name, digest) for name, digest in listing.hashes]
    index = [name for name, _ in listing.hashes].index(model)
    path = [[side, merkle.hash_text(digest)] for side, digest in merkle.path(leaves, index)]
    return {
        "version": listing.version,
        "visible": True,
        "document": listing.document,
        "merkle_path": path,
    }
