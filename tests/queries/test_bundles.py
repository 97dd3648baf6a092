"""How a bundle is put together: a path where a model was listed, all that were listed where not."""

from typing import Any

import pytest

from pricetrail.catalog import merkle
from pricetrail.catalog.documents import model_hash
from pricetrail.catalog.strict_json import dumps, loads
from pricetrail.queries.bundles import COVERAGE_NOTE, Link, Listing, build
from pricetrail.queries.price import PriceAnswer, Side
from tests.support.histories import at, model

NAMES = ("a", "b", "c")
HASHES = [(name, model_hash(model(name))) for name in NAMES]


def claim(name: str) -> PriceAnswer:
    side = Side(at("10:00"), 1, None, ())
    times = (at("10:00"), at("11:00"))
    return PriceAnswer("s", name, at("10:30"), "observed", bytes(32), *times, side, None, None)


def proofs(name: str, *listings: Listing) -> list[Any]:
    made: Any = build(claim(name), listings, bytes(32), [], [])
    return list(made["proofs"])


@pytest.mark.parametrize("name", NAMES)
def test_a_listed_model_is_proven_by_its_path_to_the_root(name: str) -> None:
    listing = Listing(1, HASHES, dumps(model(name)))
    [proof] = proofs(name, listing)
    steps = [(side, bytes.fromhex(digest[7:])) for side, digest in proof["merkle_path"]]
    leaf = merkle.leaf(name, model_hash(loads(proof["document"])))
    root = merkle.root([merkle.leaf(one, digest) for one, digest in HASHES])
    assert merkle.root_from_path(leaf, steps) == root
    assert (proof["version"], proof["visible"]) == (1, True)


def test_a_model_that_is_not_listed_is_proven_by_all_that_are() -> None:
    [proof] = proofs("x", Listing(4, HASHES, None))
    assert proof == {
        "version": 4,
        "visible": False,
        "models": [[name, merkle.hash_text(digest)] for name, digest in HASHES],
    }


def test_the_chain_and_the_coverage_go_along() -> None:
    link = Link(2, '{"version":2}', b"\x01" * 32, b"\x02" * 32, b"\x03" * 32)
    bundle = build(claim("a"), [], b"\x09" * 32, [link], [{"outcome": "good"}])
    assert bundle["format"] == "pricetrail evidence 1"
    assert bundle["claim"] == claim("a").as_json()
    assert bundle["chain"] == {
        "previous": "sha256:" + "09" * 32,
        "links": [
            {
                "version": 2,
                "metadata": '{"version":2}',
                "catalog_root": "sha256:" + "01" * 32,
                "body_hash": "sha256:" + "02" * 32,
                "head": "sha256:" + "03" * 32,
            }
        ],
    }
    assert bundle["coverage"] == {"note": COVERAGE_NOTE, "stretches": [{"outcome": "good"}]}
