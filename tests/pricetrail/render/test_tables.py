"""Tables on a terminal of a given width, and in a pipe."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from rich.cells import cell_len

from pricetrail.render.folding import _NARROW, cells_of
from pricetrail.render.screen import Screen
from pricetrail.render.tables import Column, Heading, layout, table

NOW = datetime(2026, 11, 25, 10, 0, 6, 789_000, UTC)
HASH = "sha256:" + "9f86d081" * 8
VERSIONS = ("version", "seen", Column("last", drop=2, recent=True), Column("head", drop=1))
ROWS = [(7, NOW, NOW - timedelta(minutes=3), HASH), (1842, NOW, NOW + timedelta(hours=2), HASH)]


def shown(
    columns: Sequence[str | Column],
    rows: Sequence[Sequence[object] | Heading],
    width: int | None,
    *,
    styled: bool = False,
) -> list[str]:
    return list(layout(columns, rows, Screen(width, styled, NOW)))


def test_a_pipe_gets_every_column_and_exact_times() -> None:
    assert shown(VERSIONS, ROWS, None) == [
        f"version  seen                      last                      head{' ' * 67}".rstrip(),
        f"      7  2026-11-25T10:00:06.789Z  2026-11-25T09:57:06.789Z  {HASH}",
        f"   1842  2026-11-25T10:00:06.789Z  2026-11-25T12:00:06.789Z  {HASH}",
    ]


def test_a_heading_stands_over_its_rows_and_widens_no_column() -> None:
    rows = [("a", 1), Heading("of all that there is, the\x1b rest"), ("  b", 22)]
    assert shown(("x", "n"), rows, None) == [
        "x     n",
        "a     1",
        "of all that there is, the\ufffd rest",
        "  b  22",
    ]
    assert shown(("x", "n"), rows, 20)[2:4] == ["of all that there", "is, the\ufffd rest"]


def test_a_terminal_gets_what_fits_and_is_told_what_does_not() -> None:
    assert shown(VERSIONS, ROWS, 80) == [
        "version  seen                 last",
        "      7  2026-11-25 10:00:06  3 min ago",
        "   1842  2026-11-25 10:00:06  in 2 h",
        "more in a wider terminal or with --json: head",
    ]
    assert shown(VERSIONS, ROWS, 30)[-2:] == [
        "more in a wider terminal or",
        "with --json: last, head",
    ]
    assert HASH in shown(VERSIONS, ROWS, 120)[1]


def test_a_narrow_column_stays_where_a_wide_one_had_to_go() -> None:
    columns = ("id", Column("type", drop=1), Column("more", drop=2))
    assert shown(columns, [("gpt-5", "openai", "x" * 40)], 40)[1:] == [
        "gpt-5  openai",
        "more in a wider terminal or with --json:",
        "more",
    ]


def test_text_is_folded_between_words_once_nothing_can_be_left_out() -> None:
    why = "the receiver answered 503 at 2026-11-25 10:00:06 to a change of $22.50 /1M"
    lines = shown(("id", Column("n", drop=1), "why"), [("dlv_0c5e", 1200, why)], 34)
    assert lines[:-2] == [
        "id        why",
        "dlv_0c5e  the receiver answered",
        "          503 at",
        "          2026-11-25 10:00:06 to a",
        "          change of $22.50 /1M",
    ]
    assert all(len(text) <= 34 for text in lines)


def test_a_name_that_is_too_long_has_a_line_to_itself() -> None:
    name = "nousresearch/hermes-3-llama-3.1-405b:free"
    rows = [(NOW, name, "$3.00"), (NOW, "gpt-5", "$2.50")]
    assert shown(("seen", Column("model", names=True), "price"), rows, 50)[1:] == [
        f"2026-11-25 10:00:06  {name}",
        "                                             $3.00",
        "2026-11-25 10:00:06  gpt-5                   $2.50",
    ]


@pytest.mark.parametrize("width", [20, 40, 60, 80, 120, 200])
def test_what_is_copied_is_never_broken(width: int) -> None:
    name, id_ = (
        "a name/with blanks, of a model 2026",
        "evt_4f01c44256443efca8fc412dba89102371c241aa",
    )
    rows = [(1_234_567, name, f"see {id_} and {HASH} for more of what happened", "0.0000000250")]
    columns = ("n", Column("model", names=True), "why", "amount")
    text = "\n".join(shown(columns, rows, width))
    for copied in ("1234567", name, id_, HASH, "0.0000000250"):
        assert copied in text


def test_letters_of_two_cells_are_counted_as_such() -> None:
    lines = shown((Column("model", names=True), "n"), [("通义千问", 1), ("gpt-5", 22)], 40)
    assert [cells_of(text) for text in lines[1:]] == [12, 12]


def test_what_is_taken_for_narrow_is_as_wide_as_the_whole_table_of_letters_says() -> None:
    narrow = [char for char in map(chr, range(32, 0x3000)) if _NARROW.fullmatch(char)]
    assert {cell_len(char) for char in narrow} == {1}
    assert set("–→▲▼−…éß") < set(narrow)


def test_styles_are_ours_alone(capsys: pytest.CaptureFixture[str]) -> None:
    table(("n",), [(1,)], screen=Screen(None, styled=True, now=NOW))
    assert capsys.readouterr().out == "\x1b[1mn\x1b[0m\n1\n"
    assert shown(("n", Column("why", drop=1)), [(1, "x" * 40)], 20, styled=True)[2:] == [
        "\x1b[2mmore in a wider\x1b[0m",
        "\x1b[2mterminal or with\x1b[0m",
        "\x1b[2m--json: why\x1b[0m",
    ]
