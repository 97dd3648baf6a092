"""A bundle is read strictly: every field of its kind, or refused with the field's name."""

from collections.abc import Callable
from copy import deepcopy
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricetrail.catalog.bundle_reading import (
    FORMAT,
    Bundle,
    BundleError,
    ChainLink,
    Claim,
    Proof,
    Side,
    parse_digest,
    parse_instant,
    read_bundle,
)
from pricetrail.catalog.errors import CatalogError

HASH = "sha256:" + "0f" * 32
TIME = "2026-03-01T10:00:00Z"
METADATA = f'{{"version":7,"source":"s","models":2,"not_before":null,"not_after":"{TIME}"}}'
CLAIM: dict[str, Any] = {
    "source": "s",
    "model": "a",
    "at": TIME,
    "certainty": "gap",
    "snapshot": {"version": 1, "hash": HASH},
    "observed": {"from": "2026-03-01T11:00:00Z", "until": "2026-03-01T12:00:00Z"},
    "pricing": {"text": {"prompt": "1"}},
    "prices": [],
    "before": {"version": 1, "at": "2026-03-01T13:00:00Z", "pricing": {}, "prices": [{}]},
    "after": None,
    "why": "503 from the gateway",
}
LINK: dict[str, Any] = {
    "version": 1,
    "metadata": METADATA,
    "catalog_root": "sha256:" + "01" * 32,
    "body_hash": "sha256:" + "02" * 32,
    "head": HASH,
}
LISTED: dict[str, Any] = {
    "version": 1,
    "visible": True,
    "document": '{"id":"a","price":1.50}',
    "merkle_path": [["left", HASH], ["right", HASH]],
}
ABSENT: dict[str, Any] = {"version": 2, "visible": False, "models": [["b", HASH]]}
WHOLE: dict[str, Any] = {
    "format": FORMAT,
    "claim": CLAIM,
    "chain": {"previous": HASH, "links": [LINK]},
    "proofs": [LISTED, ABSENT],
}


def test_a_whole_bundle_is_read_with_all_it_says() -> None:
    at = {hour: parse_instant(f"2026-03-01T{hour}:00:00Z") for hour in (10, 11, 12, 13)}
    digest = bytes([15] * 32)
    assert read_bundle(WHOLE) == Bundle(
        claim=Claim(
            source="s",
            model="a",
            at=at[10],
            certainty="gap",
            head=digest,
            since=at[11],
            until=at[12],
            stated=Side(1, None, {"text": {"prompt": "1"}}, []),
            before=Side(1, at[13], {}, [{}]),
            after=None,
            unchecked=[],
        ),
        previous=digest,
        links=[
            ChainLink(
                version=1,
                metadata=METADATA,
                catalog_root=bytes([1] * 32),
                body_hash=bytes([2] * 32),
                head=digest,
                number=7,
                source="s",
                models=2,
                not_before=None,
                not_after=at[10],
            )
        ],
        proofs=[
            Proof(
                version=1,
                visible=True,
                document={"id": "a", "price": Decimal("1.50")},
                path=[("left", digest), ("right", digest)],
                models=[],
            ),
            Proof(version=2, visible=False, document={}, path=[], models=[("b", digest)]),
        ],
    )
    # A number keeps the text that it was written as.
    assert str(read_bundle(WHOLE).proofs[0].document["price"]) == "1.50"


def test_what_only_some_bundles_have_is_read() -> None:
    bundle = deepcopy(WHOLE)
    facts = f'"version":1,"source":"s","models":0,"not_after":"{TIME}"'
    bundle["chain"]["links"][0]["metadata"] = f'{{{facts},"not_before":"{TIME}","dialect":"xai 2"}}'
    bundle["claim"] |= {"before": None, "after": CLAIM["before"]}
    for number, proof in enumerate(bundle["proofs"]):
        proof["body"] = f"list {number}"

    read = read_bundle(bundle)

    [link] = read.links
    assert (link.not_before, link.dialect, link.models) == (parse_instant(TIME), "xai 2", 0)
    assert [proof.body for proof in read.proofs] == ["list 0", "list 1"]
    assert (read.claim.before, read.claim.after) == (None, read_bundle(WHOLE).claim.before)


def test_keys_that_no_rule_knows_are_named_in_order() -> None:
    bundle = deepcopy(WHOLE)
    bundle["claim"] |= {"zone": "eu", "discount": "90%"}
    assert read_bundle(bundle).claim.unchecked == ["discount", "zone"]


REQUIRED = [
    *(("claim", name) for name in CLAIM.keys() - {"before", "after", "why"}),
    *(("claim", "snapshot", name) for name in CLAIM["snapshot"]),
    *(("claim", "observed", name) for name in CLAIM["observed"]),
    *(("chain", "links", 0, name) for name in LINK),
    *(("proofs", 0, name) for name in LISTED),
    *(("proofs", 1, name) for name in ABSENT),
    *(("chain", name) for name in ("previous", "links")),
    *((name,) for name in ("claim", "chain", "proofs")),
]


@pytest.mark.parametrize("path", sorted(REQUIRED, key=str), ids=str)
def test_a_field_that_is_missing_is_named(path: tuple[Any, ...]) -> None:
    bundle: Any = deepcopy(WHOLE)
    *parents, last = path
    parent = bundle
    for key in parents:
        parent = parent[key]
    del parent[last]
    with pytest.raises(BundleError, match=f"^the bundle is not whole: '{last}' is missing$"):
        read_bundle(bundle)


def put(*path: Any, value: Any) -> Callable[[Any], None]:
    def change(bundle: Any) -> None:
        *parents, last = path
        for key in parents:
            bundle = bundle[key]
        bundle[last] = value

    return change


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (put("claim", value=[]), "an object was expected, not list"),
        (put("chain", "links", value=[]), "the chain has no links"),
        (put("chain", "links", value={}), "'links' is no list"),
        (put("chain", "links", 0, "version", value=0), "versions count from 1"),
        (put("chain", "links", 0, "version", value=True), "'version' is no whole number"),
        (put("chain", "links", 0, "version", value=-1), "'version' is no whole number"),
        (
            put("chain", "links", 0, "head", value=HASH.upper()),
            f"'{HASH.upper()}' is not sha256: and 64 hex digits",
        ),
        (put("claim", "model", value=5), "'model' is no text"),
        (put("claim", "at", value=1772359200), "'1772359200' is no RFC 3339 time"),
        (put("claim", "before", value="x"), "an object was expected, not str"),
        (put("proofs", 0, "visible", value=1), "`visible` is neither true nor false"),
        (
            put("proofs", 0, "merkle_path", value=[["up", HASH]]),
            "a Merkle path goes left or right, not 'up'",
        ),
        (
            put("proofs", 0, "merkle_path", value=[["x" * 41, HASH]]),
            f"a Merkle path goes left or right, not '{'x' * 40}'",
        ),
        (
            put("proofs", 0, "merkle_path", value=[["left"]]),
            "a proof holds what is no pair of a text and a hash",
        ),
        (
            put("proofs", 1, "models", value=[[1, HASH]]),
            "a proof holds what is no pair of a text and a hash",
        ),
    ],
)
def test_a_field_of_another_kind_is_refused(change: Callable[[Any], None], why: str) -> None:
    bundle = deepcopy(WHOLE)
    change(bundle)
    with pytest.raises(BundleError) as refused:
        read_bundle(bundle)
    assert str(refused.value) == f"the bundle is not whole: {why}"


@pytest.mark.parametrize("found", [None, [], "x", {}, WHOLE | {"format": "pricetrail evidence 2"}])
def test_what_is_no_bundle_at_all_is_refused(found: Any) -> None:
    said = "^this is no bundle of the format 'pricetrail evidence 1'$"
    with pytest.raises(BundleError, match=said):
        read_bundle(found)


@pytest.mark.parametrize("path", [("chain", "links", 0, "metadata"), ("proofs", 0, "document")])
def test_json_within_that_is_none_is_refused(path: tuple[Any, ...]) -> None:
    bundle = deepcopy(WHOLE)
    put(*path, value='{"id":')(bundle)
    with pytest.raises(CatalogError):
        read_bundle(bundle)


@pytest.mark.parametrize(
    ("text", "second", "fraction"),
    [
        ("1970-01-01T00:00:00Z", 0, "0"),
        ("1970-01-01t00:00:01.5z", 1, "0.5"),
        ("1970-01-01 01:00:00+01:00", 0, "0"),
        ("1969-12-31T23:59:59.999999999999Z", -1, "0.999999999999"),
        ("1969-12-31T19:00:00-05:00", 0, "0"),
    ],
)
def test_a_time_is_read_to_its_last_digit(text: str, second: int, fraction: str) -> None:
    instant = parse_instant(text)
    assert (instant.second, instant.fraction) == (second, Decimal(fraction))
    assert str(instant) == text


@given(st.text("0123456789", min_size=1, max_size=30), st.text("0123456789", min_size=1))
def test_times_are_in_the_order_of_their_fractions(one: str, other: str) -> None:
    first, second = (parse_instant(f"2026-03-01T10:00:00.{part}Z") for part in (one, other))
    assert (first < second) == (Decimal(f"0.{one}") < Decimal(f"0.{other}"))
    assert (first == second) == (Decimal(f"0.{one}") == Decimal(f"0.{other}"))


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-01",
        "2026-03-01T10:00Z",
        "2026-03-01T10:00:00",
        "2026-02-30T10:00:00Z",
        "2026-03-01T25:00:00Z",
        "2026-03-01T10:00:00.Z",
        "٢026-03-01T10:00:00Z",
        # No more of it is said than fits on a line.
        "2026-02-30T10:00:00." + "0" * 80 + "Z",
        "x" * 81,
        "",
        None,
    ],
)
def test_what_is_no_rfc_3339_time_is_refused(text: Any) -> None:
    with pytest.raises(BundleError) as refused:
        parse_instant(text)
    assert str(refused.value) == f"the bundle is not whole: {str(text)[:80]!r} is no RFC 3339 time"


@given(st.binary(min_size=32, max_size=32))
def test_a_digest_is_read_as_it_is_written(digest: bytes) -> None:
    assert parse_digest(f"sha256:{digest.hex()}") == digest


@pytest.mark.parametrize(
    "text", ["", HASH[7:], HASH[:-1], HASH + "0", HASH + "\n", HASH * 2, 5, None]
)
def test_what_is_no_digest_is_refused(text: Any) -> None:
    with pytest.raises(BundleError) as refused:
        parse_digest(text)
    assert str(refused.value) == (
        f"the bundle is not whole: {str(text)[:80]!r} is not sha256: and 64 hex digits"
    )
