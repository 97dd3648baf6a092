"""Each kind reads a file's values and a variable's text, and says what to write instead."""

from datetime import date, timedelta
from decimal import Decimal
from functools import partial

import pytest

from pricetrail.settings import kinds
from pricetrail.settings.keys import SOURCE, WEB_KEYS, WEBHOOK, Keys
from pricetrail.settings.kinds import BadValueError, Kind

# Whatever a file may hold where something else is wanted.
ODD: list[object] = [
    *(5, -1, 10**30, Decimal("1.5"), Decimal("NaN"), Decimal("Infinity"), True),
    *("canary x", "", "\ud800", "9" * 5000, [], [5], {}, {"a": 5}, None, date(2026, 3, 1)),
]


@pytest.mark.parametrize(
    ("kind", "written", "value"),
    [
        (kinds.span, "1h30m", timedelta(minutes=90)),
        (kinds.size, "512KiB", 524_288),
        (kinds.size, 1000, 1000),
        (kinds.amount, "2.5", Decimal("2.5")),
        (kinds.amount, 5, Decimal(5)),
        (kinds.amount, Decimal("12.50"), Decimal("12.50")),
        (kinds.names, "*/created", ("*/created",)),
        (kinds.names, ["a", "b"], ("a", "b")),
        (kinds.whole, " 70 ", 70),
        (kinds.whole, Decimal("3.0"), 3),
        (kinds.whole, -1, -1),
        (kinds.switch, "True", True),
        (kinds.switch, 0, False),
        (kinds.labels, "team=search, stage = live", {"team": "search", "stage": "live"}),
        (kinds.labels, {"team": "a=b"}, {"team": "a=b"}),
        (kinds.labels, "", {}),
        (kinds.port, "0", 0),
        (kinds.path_prefix, "/prices/", "/prices"),
        (kinds.choice("a", "b"), "b", "b"),
    ],
)
def test_a_value_gets_its_type(kind: Kind, written: object, value: object) -> None:
    assert kind(written) == value
    assert type(kind(written)) is type(value)


@pytest.mark.parametrize(
    ("kind", "written", "said"),
    [
        (kinds.text, 5, 'not text: write it in quotes, as "a"'),
        (kinds.span, "soon", "not a duration: write 90s, 15m, 1h or 2d"),
        (kinds.span, 90, "not a duration: write 90s, 15m, 1h or 2d"),
        (kinds.size, "much", "not a size: write 16MiB, 512KiB or a number of bytes"),
        (kinds.size, True, "not a size: write 16MiB, 512KiB or a number of bytes"),
        (kinds.amount, "-1", 'not a number of zero or more: write one such as "1" or "2.5"'),
        (kinds.amount, True, 'not a number of zero or more: write one such as "1" or "2.5"'),
        (kinds.whole, "five", "not a whole number: write one such as 20"),
        (kinds.whole, True, "not a whole number: write one such as 20"),
        (kinds.whole, Decimal("1.5"), "not a whole number: write one such as 20"),
        (kinds.whole, 10**30, "too large a number: write a smaller one"),
        (kinds.port, 65536, "too large: write 65535 or less"),
        (kinds.port, -1, "too small: write 0 or more"),
        (kinds.switch, "perhaps", "neither true nor false: write one of them"),
        (kinds.names, ["a", 5], 'entry 2: not text: write it in quotes, as "a"'),
        (kinds.names, 5, 'not a list: write one such as ["a", "b"]'),
        (kinds.choice("a", "b"), "c", "must be one of a, b"),
        (kinds.labels, "team", "not labels: write them as team=search,stage=live"),
        (kinds.path_prefix, "prices", "not a path: write one such as /prices"),
    ],
)
def test_what_is_of_another_kind_is_refused_with_the_remedy(
    kind: Kind, written: object, said: str
) -> None:
    with pytest.raises(BadValueError) as refusal:
        kind(written)
    assert refusal.value.text == said


def test_a_member_of_a_table_is_named() -> None:
    for kind in (kinds.table, kinds.labels):
        with pytest.raises(BadValueError) as refusal:
            kind({"a": "x", "b": 5})
        assert refusal.value.member == "b"


@pytest.mark.parametrize("keys", [SOURCE, WEBHOOK, WEB_KEYS])
def test_no_value_whatever_it_is_leads_to_anything_else_or_is_repeated(keys: Keys) -> None:
    for name, key in keys.items():
        said = [text for text in map(partial(_refusal, key.kind), ODD) if text]
        assert said, name
        assert "canary" not in "".join(said)


def _refusal(kind: Kind, value: object) -> str:
    try:
        kind(value)
    except BadValueError as error:
        return error.text
    return ""
