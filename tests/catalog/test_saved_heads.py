"""A head as somebody wrote it down."""

import pytest

from pricetrail.catalog.errors import exit_code
from pricetrail.catalog.saved_heads import (
    HeadPrefix,
    SavedHead,
    SavedHeadError,
    head_witness,
    saved_head,
)

DIGEST = bytes(range(32))


@pytest.mark.parametrize("version", [None, 1, 1842])
def test_what_is_printed_is_read_again(version: int | None) -> None:
    saved = SavedHead(version, DIGEST)
    assert saved_head(f" {saved}\n") == saved
    assert saved_head(str(saved).upper()) == saved


@pytest.mark.parametrize(
    "text",
    [
        "",
        DIGEST.hex(),
        "sha256:" + "0" * 63,
        "sha256:" + "0" * 65,
        "sha256:" + "g" * 64,
        "0:sha256:" + "0" * 64,
        "-1:sha256:" + "0" * 64,
        "٣:sha256:" + "0" * 64,
        "1:2:sha256:" + "0" * 64,
    ],
)
def test_anything_else_is_refused_with_what_to_write(text: str) -> None:
    with pytest.raises(SavedHeadError, match="a head: write sha256: and 64 hex digits") as refusal:
        saved_head(text)
    assert exit_code(refusal.value) == 2


@pytest.mark.parametrize(
    ("text", "is_what"), [("x" * 81, "not a head"), ("SHA256:ABCDEF ", "only a part of a head")]
)
def test_a_part_of_a_head_is_told_from_none(text: str, is_what: str) -> None:
    with pytest.raises(SavedHeadError) as refusal:
        saved_head(text)
    assert str(refusal.value) == (
        f"{text[:80]!r} is {is_what}: write sha256: and 64 hex digits, as messages of the format "
        "json carry it, or VERSION:sha256:…, as `pricetrail head` prints it"
    )


def test_a_witness_that_is_refused_is_told_what_to_write() -> None:
    with pytest.raises(SavedHeadError) as refusal:
        head_witness("x" * 81)
    assert str(refusal.value) == (
        f"'{'x' * 80}' is not a head: write VERSION:sha256:…, as `pricetrail head` prints it, or "
        "VERSION: and 16 hex digits, as a chat message ends with"
    )
    short = " " * 80 + "5a5a"
    with pytest.raises(SavedHeadError) as refusal:
        head_witness(short)
    assert str(refusal.value) == (
        f"{short[:80]!r} has 4 hex digits of a head, which many histories begin with: write 16 at "
        "least, as a chat message ends with, or all 64"
    )


@pytest.mark.parametrize("version", [None, 1, 1842])
@pytest.mark.parametrize("digits", [16, 17, 63, 64])
def test_a_head_or_its_beginning_is_a_witness(version: int | None, digits: int) -> None:
    shown = DIGEST.hex()[:digits]
    start = "" if version is None else f"{version}:"
    for text in (f"{start}{shown}", f" {start}sha256:{shown}\n", f"{start}{shown.upper()}…"):
        witness = head_witness(text)
        assert (witness.version, witness.bits) == (version, 4 * digits)
        assert witness.matches(DIGEST)
        assert not witness.matches(bytes(32))
        assert isinstance(witness, SavedHead) == (digits == 64)
        assert head_witness(str(witness)) == witness


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "is not a head"),
        ("1842:", "is not a head"),
        ("0:" + "5a" * 8, "is not a head"),
        ("xy" * 8, "is not a head"),
        ("5a" * 33, "is not a head"),
        ("1842:5a5a", "has 4 hex digits of a head, which many histories begin with: write 16"),
        ("5a" * 7 + "5", "has 15 hex digits"),
    ],
)
def test_too_little_is_no_witness(text: str, why: str) -> None:
    with pytest.raises(SavedHeadError, match=why) as refusal:
        head_witness(text)
    assert exit_code(refusal.value) == 2


def test_a_chat_message_carries_sixteen_digits() -> None:
    assert str(HeadPrefix.of(1842, b"\x5a" * 32)) == "1842:5a5a5a5a5a5a5a5a"
    assert str(HeadPrefix.of(1842, None)) == "1842:?"
