"""What the check of a bundle says, word by word: people take it to others as it is."""

from typing import Any

import pytest

from pricetrail.catalog import merkle
from pricetrail.catalog.evidence import check
from pricetrail.catalog.saved_heads import SavedHead
from tests.catalog.evidence import forgeries
from tests.catalog.evidence.forging import FORGERIES, digest, rechain, retime
from tests.catalog.evidence.genuine import Genuine

pytestmark = pytest.mark.slow

assert forgeries  # it fills the list

DAY = "2026-03-01T"
POLLS = (
    "{}: the chain allows it and holds no polls; that the polls from 2026-03-01T{}:00:00Z to "
    "2026-03-01T{}:00:00Z were made, and that none was missed, is not proven"
)
SEEN = "version {} was first seen at 2026-03-01T{}:00:00Z and last seen at 2026-03-01T{}:00:00Z {}"
STILL = "that version {} was still in force after 2026-03-01T{}:00:00Z: no later head says so"
TRUTH = "that the gateway told the truth"
GONE = [
    "version 2 of s listed gpt-5, with the prices given",
    SEEN.format(2, 11, 12, "before it changed"),
    "version 3 of s did not list gpt-5",
    "version 3 was first seen at 2026-03-01T14:00:00Z",
]
GONE_SAID = [
    POLLS.format("gap", 11, 12),
    "that a poll saw version 2 at 2026-03-01T12:00:00Z",
    "that a poll saw version 3 at 2026-03-01T14:00:00Z",
]


@pytest.mark.parametrize(
    ("kind", "version", "times", "proven", "said"),
    [
        (
            "gone in a gap",
            3,
            ("11:00:00Z", "12:00:00Z"),
            GONE,
            [*GONE_SAID, "versions 4 to 5: after the saved head", TRUTH],
        ),
        (
            "set aside",
            2,
            ("10:00:00Z", "10:00:00Z"),
            [
                "version 1 of q listed gpt-5, with the prices given",
                SEEN.format(1, 10, 10, "before it changed"),
                "version 2 of q listed gpt-5, with the prices given",
                "version 2 was first seen at 2026-03-01T11:00:00Z",
            ],
            [
                POLLS.format("gap", 10, 10),
                "that a poll saw version 1 at 2026-03-01T10:00:00Z",
                "that a poll saw version 2 at 2026-03-01T12:00:00Z",
                STILL.format(2, 11),
                "that version 2 was set aside when it was first seen",
                "versions 3 to 3: after the saved head",
                TRUTH,
            ],
        ),
        (
            "since the last poll",
            5,
            ("16:00:00Z", None),
            [
                "version 5 of s listed new, with the prices given",
                "version 5 was first seen at 2026-03-01T16:00:00Z",
            ],
            [
                POLLS.format("gap", 16, 17),
                "that a poll saw version 5 at 2026-03-01T17:00:00Z",
                STILL.format(5, 16),
                TRUTH,
            ],
        ),
    ],
    ids=["gone", "set aside", "last"],
)
def test_what_is_proven_and_what_is_only_said(
    made: Genuine,
    kind: str,
    version: int,
    times: tuple[str, str | None],
    proven: list[str],
    said: list[str],
) -> None:
    bundle = made.bundle(kind)
    found = check(bundle, made.head(kind, version))
    since, until = (time and f"{DAY}{time}" for time in times)
    assert (found.problems, found.since, found.until) == ([], since, until)
    assert (found.head, found.covered) == (bundle["chain"]["links"][-1]["head"], version)
    assert (found.proven, found.said) == (proven, said)
    assert found.claim is not None
    assert found.claim.model == bundle["claim"]["model"]


def test_what_two_versions_that_agree_say_together_was_observed(made: Genuine) -> None:
    found = check(made.bundle("observed by two"), made.head("observed by two"))
    assert (found.problems, found.covered) == ([], 5)
    assert found.said == [POLLS.format("observed", 10, 12), TRUTH]


def test_without_a_saved_head_all_of_it_is_only_said(made: Genuine) -> None:
    found = check(made.bundle("gone in a gap"))
    assert (found.problems, found.covered, found.proven) == ([], None, [])
    assert found.said[:3] == GONE[:3]
    assert found.said[4:] == [*GONE_SAID, TRUTH]


@pytest.mark.parametrize("body", [None, '{"models":[]}'])
def test_which_dialect_read_a_body_is_told(made: Genuine, body: str | None) -> None:
    bundle = made.bundle("observed")
    link = bundle["chain"]["links"][0]
    retime(bundle, 0, dialect="xai/1")
    if body is not None:
        bundle["proofs"][0]["body"] = body
        link["body_hash"] = merkle.hash_text(merkle.body_hash(body.encode()))
    rechain(bundle)
    found = check(bundle, _own_head(bundle))
    carried = "" if body is None else ", which the bundle carries"
    assert found.problems == []
    assert found.proven[2:] == [
        f"version 2 was read by xai/1 from the body with hash {link['body_hash']}{carried}"
    ]
    assert found.said[1:] == ["that xai/1 read the body of version 2 rightly", TRUTH]
    bundle["proofs"][0]["body"] = "another"
    other = check(bundle, _own_head(bundle))
    assert other.problems == ["the body of version 2 is another one"]


def _own_head(bundle: Any) -> SavedHead:
    return SavedHead(None, digest(bundle["chain"]["links"][-1]["head"]))


METADATA = "the metadata of version {} is that of another version or source"
CHANGED = (
    "the catalog changed between 2026-03-01T{}:00:00Z and 2026-03-01T{}:00:00Z: unless versions "
    "{} and {} are proven to agree, the price was not observed"
)
PROBLEMS = {
    "observed: claim.model = odd": [
        "the model does not belong to the catalog of version 2",
        "the document of version 2 is another model's",
    ],
    "observed: claim.source = i": [METADATA.format(version) for version in (2, 3, 4, 5)],
    "observed: claim.snapshot.version = 1": [
        "the claim rests on another version than the chain begins with",
        "nothing proves what is said of version 1",
    ],
    "observed: claim.pricing = None": [
        "the prices are not those of the document in version 2",
    ],
    "observed: claim.source = None": ["the bundle is not whole: 'source' is no text"],
    "observed: chain.links.0 = Ellipsis": [
        "the claim rests on another version than the chain begins with",
        "the chain breaks at version 3",
        "version 2 is not in the chain",
    ],
    "observed: chain.links.1 = Ellipsis": [
        "the chain is not in order at version 4",
        "the chain breaks at version 4",
        "the chain is not in order at version 5",
    ],
    "bracketed: a later version under an earlier head": [
        (
            "the claim rests on version 2, and the saved head, of version 1, covers nothing after "
            "it: use a later head"
        )
    ],
    "observed: a proof twice": ["a version is proven twice"],
    "bracketed: observed across a change": [CHANGED.format(10, 11, 1, 2)],
    "gone: observed across a change": [CHANGED.format(14, 15, 3, 4)],
    "new: observed across a change": [CHANGED.format(14, 15, 3, 4)],
}


@pytest.mark.parametrize("name", PROBLEMS)
def test_what_does_not_fit_is_said_in_sentences(made: Genuine, name: str) -> None:
    [forgery] = [forgery for forgery in FORGERIES if str(forgery) == name]
    bundle = made.bundle(forgery.kind)
    forgery.forge(bundle)
    found = check(bundle, made.head(forgery.kind, forgery.head))
    assert found.problems == PROBLEMS[name]
    assert (found.head, found.proven, found.said, found.claim) == (None, [], [], None)


def test_a_head_of_another_history_or_version_is_told(made: Genuine) -> None:
    bundle, head = made.bundle("observed"), made.head("observed")
    assert check(bundle, SavedHead(4, head.hash)).problems == [
        "the saved head is that of version 5, not 4"
    ]
    assert check(bundle, SavedHead(None, head.hash)).problems == []
    other = SavedHead(5, bytes(32))
    assert check(bundle, other).problems == [
        f"the saved head {other} is not in this chain, which is not the one of that head"
    ]


def test_links_that_cannot_be_of_one_history_are_told(made: Genuine) -> None:
    bundle = made.bundle("last")
    bundle["chain"]["previous"] = merkle.hash_text(merkle.GENESIS)
    rechain(bundle)
    assert check(bundle).problems == []
    bundle = made.bundle("first")
    bundle["chain"]["previous"] = merkle.hash_text(b"\x01" * 32)
    rechain(bundle)
    assert check(bundle).problems == ["something comes before the first version"]
    bundle = made.bundle("first")
    retime(bundle, 1, not_before=None)
    rechain(bundle)
    assert check(bundle).problems[0] == (
        "version 2 does not tell when the one before it was last seen"
    )


def test_a_model_that_is_listed_is_not_proven_to_be_absent(made: Genuine) -> None:
    bundle = made.bundle("gone in a gap")
    bundle["proofs"][1]["models"].append(["gpt-5", "sha256:" + "ab" * 32])
    assert check(bundle).problems == [
        "the model does not belong to the catalog of version 3",
        "the model is listed in version 3",
    ]


def test_all_models_of_a_version_are_those_of_its_root(made: Genuine) -> None:
    bundle = made.bundle("gone in a gap")
    bundle["proofs"][1]["models"][0][1] = "sha256:" + "ab" * 32
    assert check(bundle).problems == ["the model does not belong to the catalog of version 3"]


def test_a_later_look_at_the_next_version_is_only_said(made: Genuine) -> None:
    bundle = made.bundle("bracketed")
    still = STILL.format(2, 11)
    assert still not in check(bundle, made.head("bracketed", 2)).said
    bundle["claim"]["after"]["at"] = "2026-03-01T11:30:00Z"
    assert still in check(bundle, made.head("bracketed", 2)).said


def test_a_side_that_is_missing_hides_no_other(made: Genuine) -> None:
    bundle = made.bundle("gap")
    bundle["claim"]["before"] = None
    bundle["claim"]["after"]["prices"] = []
    assert check(bundle).problems == [
        "the prices are not those of the document in version 3",
        "it is not said when version 2 was seen before, or it was not seen then",
    ]


def test_a_bundle_without_end_is_refused(made: Genuine) -> None:
    bundle, deep = made.bundle("observed"), [0]
    for _ in range(100_000):
        deep = [deep]  # type: ignore[list-item]  # no type goes that deep
    bundle["claim"]["pricing"]["deep"] = deep
    assert check(bundle).problems == [
        "the bundle is not whole: a model nested deeper than 64 levels"
    ]
