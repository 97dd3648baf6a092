"""A catalog is cut out of its envelope without a change to its text."""

import json

import pytest

from pricetrail.jobs.imports.envelopes import Envelope, EnvelopeError, unwrap, unwrap_document

PAYLOAD = '{"data" : [ 1e3, 0.10, "\\u00e9" ],  "n":{}}'


@pytest.mark.parametrize("gap", ["", " ", "\n\t "])
def test_the_payload_keeps_its_own_text(gap: str) -> None:
    text = gap.join(
        ["{", '"observed_at"', ":", '"2026-11-23"', ",", '"payload"', ":", PAYLOAD, "}"]
    )
    assert unwrap(gap + text + gap) == Envelope("2026-11-23", PAYLOAD)


def test_other_members_are_passed_over_and_coverage_is_kept() -> None:
    text = f'{{"more": [{{}}], "payload": {PAYLOAD}, "coverage": {{"version": 1}}}}'
    assert unwrap(text) == Envelope(None, PAYLOAD, '{"version": 1}')


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{}", "`payload` is missing"),
        ('{"payload": 1}', "not an object"),
        ('{"payload": {}, "payload": {}}', "stands there twice"),
        ('{"payload": {}, "observed_at": 5}', "not a time in quotes"),
        ('{"payload": {},}', "not valid JSON"),
        ('{"payload": {}} {}', "not valid JSON"),
        ('{"payload": {', "not valid JSON"),
        ("", "not valid JSON"),
        ('{"payload": ' + "[" * 100_000, "nested too deeply"),
    ],
)
def test_what_is_no_envelope_says_why(text: str, words: str) -> None:
    with pytest.raises(EnvelopeError, match=words):
        unwrap(text)


@pytest.mark.parametrize("listed", ["[1]", '[{"id": "a"}]', "[]"])
def test_a_list_may_be_a_bare_array_whatever_its_dialect_makes_of_it(listed: str) -> None:
    assert unwrap(f'{{"payload": {listed}}}') == Envelope(None, listed)
    assert unwrap_document(listed) == Envelope(None, listed)


def test_a_catalog_may_stand_by_itself() -> None:
    text = json.dumps({"object": "list", "data": [], "total": 0})
    assert unwrap_document(text).payload is text
    # A model that is named like the member of an envelope does not make it one.
    odd = json.dumps({"data": [{"id": "payload"}], "payload": 1})
    assert unwrap_document(odd) == Envelope(None, odd)
    assert unwrap_document(f'{{"payload": {PAYLOAD}}}').payload == PAYLOAD
    with pytest.raises(EnvelopeError, match="it begins with '<html>'"):
        unwrap_document(" <html>")
