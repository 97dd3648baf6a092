"""A head as somebody wrote it down."""

import pytest

from pricetrail.catalog.errors import exit_code
from pricetrail.catalog.saved_heads import SavedHead, SavedHeadError, saved_head

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
    with pytest.raises(SavedHeadError, match="write sha256: and 64 hex digits") as refusal:
        saved_head(text)
    assert exit_code(refusal.value) == 2
