"""Whoever makes or checks a bundle agrees: on genuine ones, and on every forgery."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pricetrail.catalog.evidence import check
from pricetrail.catalog.strict_json import dumps, loads
from tests.catalog.evidence import forgeries
from tests.catalog.evidence.checkers import (
    by_command,
    by_package,
    by_script,
    by_script_alone,
    by_script_as_text,
)
from tests.catalog.evidence.forging import FORGERIES, Forgery, rechain, reprice
from tests.catalog.evidence.genuine import KINDS, Genuine, Kind
from tests.pricetrail.commands.running import run

pytestmark = pytest.mark.slow

assert forgeries  # it fills the list


@pytest.mark.parametrize("kind", KINDS, ids=[kind.name for kind in KINDS])
def test_genuine_bundles_pass_with_every_head_that_covers_them(made: Genuine, kind: Kind) -> None:
    bundle = made.bundle(kind.name)
    assert bundle["claim"]["certainty"] == kind.certainty
    assert [proof["version"] for proof in bundle["proofs"]] == kind.versions
    for version, head in made.heads[kind.source].items():
        covered = version >= max(kind.versions)
        assert by_package(bundle, head)[0] == covered, (version, check(bundle, head))
        code, said = by_script(bundle, head)
        assert code == covered, (version, said)
        assert not covered or said.startswith(f"{kind.certainty} {bundle['claim']['at']} ")


@pytest.mark.parametrize("kind", [*KINDS, KINDS[1]._replace(name="pruned")], ids=str)
def test_a_check_tells_what_is_proven_from_what_is_only_said(
    made: Genuine, kind: Kind, tmp_path: Path
) -> None:
    bundle, last = made.bundle(kind.name), made.head(kind.name, max(kind.versions))
    ok, document = by_command(bundle, last, tmp_path / "b.json")
    assert ok, document
    listed = [proof["visible"] for proof in bundle["proofs"]]
    assert sum(" listed " in fact for fact in document["proven"]) == listed.count(True)
    assert sum("did not list" in fact for fact in document["proven"]) == listed.count(False)
    assert document["vouched_until_version"] == last.version
    assert any("that none was missed, is not proven" in word for word in document["said"])
    assert "that the gateway told the truth" in document["said"]


def test_after_the_version_of_the_head_nothing_is_proven(made: Genuine) -> None:
    bundle = made.bundle("observed")
    at_claim, later = (check(bundle, made.head("observed", n)) for n in (2, 3))
    assert any("last seen at 2026-03-01T12:00:00Z" in fact for fact in later.proven)
    assert not any("last seen" in fact for fact in at_claim.proven)
    still = "that version 2 was still in force after 2026-03-01T11:00:00Z: no later head says so"
    assert still in at_claim.said
    assert still not in later.said
    assert "versions 3 to 5: after the saved head" in at_claim.said
    assert check(bundle).proven == []


def test_what_nothing_checks_is_said_to_be_so(made: Genuine) -> None:
    bundle = made.bundle("observed")
    bundle["claim"]["discount"] = "90%"
    assert "'discount' of the claim: nothing checks it" in check(bundle, made.head("first")).said


@pytest.mark.parametrize("forgery", FORGERIES, ids=str)
def test_forgeries_are_refused_by_all(made: Genuine, forgery: Forgery, tmp_path: Path) -> None:
    bundle, head = made.bundle(forgery.kind), made.head(forgery.kind, forgery.head)
    forgery.forge(bundle)
    refused = {
        "package": by_package(bundle, head),
        "command": by_command(bundle, head, tmp_path / "b.json"),
        "script": by_script(bundle, head),
    }
    assert [ok for ok, _ in refused.values()] == [False, False, False], refused


WEAKER = {
    "gap for bracketed": ("bracketed", {"certainty": "gap"}),
    "a time elsewhere in the same stretch": ("observed", {"at": "2026-03-01T11:59:59.9999Z"}),
    "the same time elsewhere": ("observed", {"at": "2026-03-01T12:30:00+01:00"}),
    "the last instant": ("observed", {"at": "2026-03-01t12:00:00.000000z"}),
    "prices as numbers": ("observed", {"pricing": None}),
}


@pytest.mark.parametrize("name", WEAKER)
def test_what_says_the_same_or_less_passes_by_all(made: Genuine, name: str, tmp_path: Path) -> None:
    kind, changes = WEAKER[name]
    bundle, head = made.bundle(kind), made.head(kind)
    bundle["claim"] |= changes
    if bundle["claim"]["pricing"] is None:
        bundle["claim"]["pricing"] = {
            "text": {"completion": loads("1.0e-5"), "prompt": "25e-7"},
            "kind": "token",
        }
        bundle["claim"]["prices"][1]["amount"] = "0.00000250"
    assert by_package(bundle, head) == (True, "")
    assert by_command(bundle, head, tmp_path / "b.json")[0]
    assert by_script(bundle, head)[0]


@pytest.mark.parametrize(
    ("was", "now", "agree"),
    [
        ("0.0000002", "0.00000020000000000000002", True),
        ("0.00000019999999999999998", "2e-7", True),
        ("0.0000002", "0.0000002000001", False),
        ("0.0000002", "0.00000020000000001", False),
        ("0.123456789012", "0.1234567890123", False),
        ("0.12345678901234", "0.123456789012345", True),
        ("4.760128752555", "4.760128752554999", True),
        ("0.1234567890123", "0.12345678901234", False),
        ("free", "gratis", False),
        (["eu", "us", "us"], ["us", "eu", "us"], True),
        (["eu", "us", "us"], ["us", "eu", "eu"], False),
        (["0.1", "0.2"], ["0.2", "0.1"], False),
        ([], {}, False),
        (True, "true", False),
        (1, True, False),
        ("0.1", None, False),
    ],
)
def test_noise_of_floats_and_order_of_words_are_no_change(
    made: Genuine, was: Any, now: Any, agree: bool
) -> None:
    bundle = made.bundle("bracketed")
    for version, price in ((1, was), (2, now)):
        reprice(bundle, version, price)
    rechain(bundle)
    claim = bundle["claim"]
    claim["certainty"] = "observed"
    del claim["before"], claim["after"]
    claim["observed"]["until"] = "2026-03-01T11:30:00Z"
    head = made.head("first")
    ours = type(head)(None, bytes.fromhex(bundle["chain"]["links"][-1]["head"][7:]))
    assert by_package(bundle, ours)[0] == agree
    assert by_script(bundle, ours)[0] == agree


@pytest.mark.parametrize(
    ("argument", "content"),
    [
        ("{head}", True),
        (" {upper} ", True),
        ("{hash}", True),
        ("{bare}", False),
        ("3:{hash}", False),
        ("nonsense", False),
    ],
)
def test_a_head_is_read_alike(made: Genuine, argument: str, content: bool, tmp_path: Path) -> None:
    head = made.head("observed")
    hashed = str(head).partition(":")[2]
    given = argument.format(head=head, upper=str(head).upper(), hash=hashed, bare=hashed[7:])
    file = tmp_path / "b.json"
    file.write_text(made.bundles["observed"], encoding="utf-8")
    assert (run("evidence", "check", str(file), "--head", given)[0] == 0) == content
    assert by_script_as_text(file.read_bytes(), given)[0] == content


@pytest.mark.parametrize(
    "edit",
    [
        lambda text: b"[" * 100_000,
        lambda text: b"",
        lambda text: b"null",
        lambda text: text[:-2],
        lambda text: text.decode().encode("utf-16"),
        lambda text: text.replace(b"gpt-5", b"gpt-\xff"),
        lambda text: text.replace(b"gpt-5", b"gpt-\\ud800"),
        lambda text: text.replace(b'"claim":{', b'"claim":{"model":"odd",', 1),
        lambda text: text.replace(b'"version":2', b'"version":' + b"2" * 5000, 1),
        lambda text: text.replace(b'"version":2', b'"version":2e999999999999', 1),
        lambda text: text.replace(b'"version":2', b'"version":NaN', 1),
        lambda text: text.replace(b'"version":2', b'"version":-Infinity', 1),
        lambda text: text.replace(b"0.0000025", b"25e-999999999", 1),
    ],
)
def test_what_is_no_bundle_is_refused_in_one_line(
    made: Genuine, edit: Callable[[bytes], bytes], tmp_path: Path
) -> None:
    text, head = made.bundles["observed"].encode(), str(made.head("observed"))
    file = tmp_path / "b.json"
    file.write_bytes(edit(text))
    code, out, err = run("evidence", "check", str(file), "--head", head)
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert not by_script_as_text(edit(text), head)[0]
    file.write_bytes(b"\xef\xbb\xbf" + text)
    assert run("evidence", "check", str(file), "--head", head)[0] == 0
    assert by_script_as_text(file.read_bytes(), head)[0]


@pytest.mark.parametrize("name", ["observed", "bracketed", "gone in a gap"])
def test_the_script_runs_alone_and_says_the_same(made: Genuine, name: str) -> None:
    text, head = made.bundles[name].encode(), made.head(name)
    earlier = made.heads["s"][1]
    for content, saved in (
        (text, head),
        (text, earlier),
        (text[:-2], head),
        (b"[" * 100_000, head),
    ):
        said = by_script_alone(content, str(saved))
        assert said == by_script_as_text(content, str(saved))
        assert said[0] == (content is text and saved is head)


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every member of a document, at any depth."""
    pairs: list[tuple[Any, Any]] = []
    if isinstance(value, dict):
        pairs = list(value.items())
    elif isinstance(value, list):
        pairs = list(enumerate(value))
    below = [(*path, key) for key, _ in pairs]
    return below + [place for key, member in pairs for place in _places(member, (*path, key))]


OTHERS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 9),
    st.just("2026-03-01T10:30:00Z"),
    st.just("2026-03-01T15:30:00Z"),
    st.just("sha256:" + "00" * 32),
    st.just([]),
    st.just({}),
    st.text(max_size=3),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.sampled_from(KINDS), st.integers(0, 9999), OTHERS, st.integers(0, 99))
def test_any_single_field_that_is_changed_is_refused_or_only_said(
    made: Genuine, kind: Kind, which: int, new: Any, up_to: int
) -> None:
    whole = made.bundle(kind.name)
    places = [place for place in _places(whole) if place[0] != "coverage"]
    place = places[which % len(places)]
    bundle = copy.deepcopy(whole)
    *parents, last = place
    parent = bundle
    for key in parents:
        parent = parent[key]
    old = parent[last]
    parent[last] = copy.deepcopy(new)
    heads = sorted(made.heads[kind.source])
    head = made.head(kind.name, heads[up_to % len(heads)])
    ok = by_package(bundle, head)[0]
    assert by_script(bundle, head)[0] == ok, place
    if not ok or json.dumps(json.loads(dumps(old))) == json.dumps(new):
        return
    said = " ".join(check(bundle, head).said)
    told_apart = place == ("claim", "why") or str(new) in said
    if kind.certainty == "gap" and place == ("claim", "after") and new is None:
        # Without the side after it a gap claims less.
        return
    # Of a time or of a certainty: what it became is among what is only said.
    assert told_apart or place == ("claim", "at"), (place, old, new)
