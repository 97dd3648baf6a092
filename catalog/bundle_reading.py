"""A bundle as somebody handed it over, read strictly: every field of its kind, or refused.

Nothing is believed here and nothing recomputed; `catalog.evidence` does that.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from pricetrail.catalog.errors import CatalogError
from pricetrail.catalog.strict_json import loads

FORMAT = "pricetrail evidence 1"
# RFC 3339; the fraction apart, since `datetime` drops what is below a microsecond.
_TIME = re.compile(
    r"(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2}:\d{2})(?:\.(\d+))?([Zz]|[+-]\d{2}:\d{2})", re.ASCII
)
_DIGEST = re.compile(r"sha256:([0-9a-f]{64})", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CLAIMED = frozenset(
    ("source", "model", "at", "certainty", "snapshot", "observed", "pricing", "prices")
)
_SAID = frozenset(("before", "after", "why"))


class BundleError(CatalogError):
    """What was handed over is no bundle, or one that is not whole."""


@dataclass(frozen=True, slots=True, order=True)
class Instant:
    """A time to its last digit: whole seconds since 1970, and the rest; `text` as written."""

    second: int
    fraction: Decimal
    text: str = field(compare=False)

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class ChainLink:
    """One version's place in the chain, with what its metadata says of it."""

    version: int
    metadata: str
    catalog_root: bytes
    body_hash: bytes
    head: bytes
    # By the metadata, which the chain covers.
    number: int
    source: str
    models: int
    not_before: Instant | None
    not_after: Instant
    # By which dialect and version of it the body was read; None for PipeLLM's.
    dialect: str | None = None


@dataclass(frozen=True, slots=True)
class Proof:
    """A model's document and the way to its version's root; not listed, all that were listed.

    `body` is the list itself as it was served, where the bundle carries it.
    """

    version: int
    visible: bool
    document: dict[str, Any]
    path: list[tuple[str, bytes]]
    models: list[tuple[str, bytes]]
    body: str | None = None


@dataclass(frozen=True, slots=True)
class Side:
    """What is said of one version: its prices, and when a poll saw it."""

    version: int
    at: Instant | None
    pricing: Any
    prices: Any


@dataclass(frozen=True, slots=True)
class Claim:
    """What `pricetrail price` answered; `unchecked`: keys that no rule knows."""

    source: str
    model: str
    at: Instant
    certainty: str
    head: bytes
    since: Instant
    until: Instant
    stated: Side
    before: Side | None
    after: Side | None
    unchecked: list[str]


@dataclass(frozen=True, slots=True)
class Bundle:
    """All of it."""

    claim: Claim
    previous: bytes
    links: list[ChainLink]
    proofs: list[Proof]


def read_bundle(document: Any) -> Bundle:
    """Read a parsed bundle.

    Raises:
        BundleError: a field is missing, or not of its kind.
        CatalogError: a document or a version's metadata is not JSON as it should be.
    """
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise BundleError(f"this is no bundle of the format {FORMAT!r}")
    chain = _object(document, "chain")
    links = [_link(_is_object(entry)) for entry in _list(chain, "links")]
    if not links:
        raise _broken("the chain has no links")
    proofs = [_proof(_is_object(entry)) for entry in _list(document, "proofs")]
    return Bundle(_claim(_object(document, "claim")), _digest(chain, "previous"), links, proofs)


def _claim(claim: dict[str, Any]) -> Claim:
    snapshot, observed = _object(claim, "snapshot"), _object(claim, "observed")
    return Claim(
        source=_text(claim, "source"),
        model=_text(claim, "model"),
        at=_instant(claim, "at"),
        certainty=_text(claim, "certainty"),
        head=_digest(snapshot, "hash"),
        since=_instant(observed, "from"),
        until=_instant(observed, "until"),
        stated=Side(_version(snapshot), None, _get(claim, "pricing"), _get(claim, "prices")),
        before=_optional(claim, "before", _side),
        after=_optional(claim, "after", _side),
        unchecked=sorted(claim.keys() - _CLAIMED - _SAID),
    )


def _side(value: Any) -> Side:
    side = _is_object(value)
    return Side(_version(side), _instant(side, "at"), _get(side, "pricing"), _get(side, "prices"))


def _link(link: dict[str, Any]) -> ChainLink:
    metadata = _text(link, "metadata")
    facts = _is_object(loads(metadata))
    return ChainLink(
        version=_version(link),
        metadata=metadata,
        catalog_root=_digest(link, "catalog_root"),
        body_hash=_digest(link, "body_hash"),
        head=_digest(link, "head"),
        number=_version(facts),
        source=_text(facts, "source"),
        models=_whole(facts, "models"),
        not_before=_optional(facts, "not_before", parse_instant),
        not_after=_instant(facts, "not_after"),
        dialect=_text(facts, "dialect") if "dialect" in facts else None,
    )


def _proof(proof: dict[str, Any]) -> Proof:
    version, visible = _version(proof), _get(proof, "visible")
    body = _text(proof, "body") if "body" in proof else None
    if visible is True:
        document = _is_object(loads(_text(proof, "document")))
        path = [_step(step, ("left", "right")) for step in _list(proof, "merkle_path")]
        return Proof(version, visible, document, path, [], body)
    if visible is False:
        models = [_step(pair) for pair in _list(proof, "models")]
        return Proof(version, visible, {}, [], models, body)
    raise _broken("`visible` is neither true nor false")


def _step(pair: Any, names: tuple[str, ...] | None = None) -> tuple[str, bytes]:
    if not (isinstance(pair, list) and len(pair) == 2 and isinstance(pair[0], str)):
        raise _broken("a proof holds what is no pair of a text and a hash")
    if names is not None and pair[0] not in names:
        raise _broken(f"a Merkle path goes {' or '.join(names)}, not {pair[0][:40]!r}")
    return pair[0], parse_digest(pair[1])


def parse_instant(text: Any) -> Instant:
    """Read an RFC 3339 time, every digit of it, whatever its offset.

    Raises:
        BundleError: it is none.
    """
    match = _TIME.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise _broken(f"{str(text)[:80]!r} is no RFC 3339 time")
    day, clock, fraction, offset = match.groups()
    try:
        moment = datetime.fromisoformat(f"{day}T{clock}{offset.upper()}")
    except ValueError:
        raise _broken(f"{text[:80]!r} is no RFC 3339 time") from None
    return Instant((moment - _EPOCH) // timedelta(seconds=1), Decimal(f"0.{fraction or 0}"), text)


def parse_digest(text: Any) -> bytes:
    """Read `sha256:` and 64 lower-case hex digits.

    Raises:
        BundleError: it is anything else.
    """
    match = _DIGEST.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise _broken(f"{str(text)[:80]!r} is not sha256: and 64 hex digits")
    return bytes.fromhex(match[1])


def _get(members: dict[str, Any], name: str) -> Any:
    if name not in members:
        raise _broken(f"{name!r} is missing")
    return members[name]


def _optional(members: dict[str, Any], name: str, read: Callable[[Any], Any]) -> Any:
    value = members.get(name)
    return None if value is None else read(value)


def _is_object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _broken(f"an object was expected, not {type(value).__name__}")
    return value


def _object(members: dict[str, Any], name: str) -> dict[str, Any]:
    return _is_object(_get(members, name))


def _list(members: dict[str, Any], name: str) -> list[Any]:
    value = _get(members, name)
    if not isinstance(value, list):
        raise _broken(f"{name!r} is no list")
    return value


def _text(members: dict[str, Any], name: str) -> str:
    value = _get(members, name)
    if not isinstance(value, str):
        raise _broken(f"{name!r} is no text")
    return value


def _whole(members: dict[str, Any], name: str) -> int:
    value = _get(members, name)
    if type(value) is not int or value < 0:  # `True` is an int as well
        raise _broken(f"{name!r} is no whole number")
    return value


def _version(members: dict[str, Any]) -> int:
    version = _whole(members, "version")
    if version == 0:
        raise _broken("versions count from 1")
    return version


def _instant(members: dict[str, Any], name: str) -> Instant:
    return parse_instant(_get(members, name))


def _digest(members: dict[str, Any], name: str) -> bytes:
    return parse_digest(_get(members, name))


def _broken(why: str) -> BundleError:
    return BundleError(f"the bundle is not whole: {why}")
