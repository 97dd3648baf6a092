"""OpenRouter's list, and Groq's: prices to their places, what means none, and on what condition."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricetrail.catalog.bills import Tariff
from pricetrail.catalog.dialects.readings import (
    ABSENT,
    FLAGGED,
    NOT_UNDERSTOOD,
    SNAPPED,
    Remark,
)
from pricetrail.catalog.documents import leaves
from pricetrail.catalog.errors import CatalogError
from pricetrail.catalog.situations import Situation
from pricetrail.catalog.strict_json import loads
from tests.catalog.dialects.reading import (
    lost,
    names,
    one,
    prices,
    read,
    remarks,
    values,
    written,
)

_ENTRY = """
{"id": "maker/model", "canonical_slug": "maker/model-07-25", "name": "Maker: Model",
 "created": 1767225600, "context_length": 400000, "architecture": {"modality": "text->text"},
 "pricing": {"prompt": "0.0000030", "completion": "1.5e-5", "input_cache_read": "0.0000003",
   "input_cache_write": "0.00000375", "input_cache_write_1h": "0.000006",
   "internal_reasoning": "0.00002", "image_token": "0.0000051", "image_output": "0.00003",
   "image": "0.0048", "request": "0.01", "audio": "0.0001", "audio_output": "0.0002",
   "input_audio_cache": "0.00001", "web_search": "0.014", "discount": 0.25,
   "per_tool_call": "0.001"},
 "top_provider": {"context_length": 200000}, "expiration_date": "2026-06-01"}
"""


def priced(pricing: str) -> dict[str, str]:
    """The prices of a model with such a pricing, by dotted path."""
    return prices(one("openrouter", f'{{"id": "m", "pricing": {pricing}}}'))


def said(pricing: str) -> list[tuple[str, str]]:
    return remarks("openrouter", f'{{"id": "m", "pricing": {pricing}}}')


def told(pricing: str) -> list[Remark]:
    return read("openrouter", f'[{{"id": "m", "pricing": {pricing}}}]').remarks


def test_what_is_no_list_is_refused() -> None:
    with pytest.raises(CatalogError, match="no list as openrouter writes it"):
        read("groq", "{}")


def test_each_price_has_its_place_and_its_own_text() -> None:
    document = one("openrouter", _ENTRY)

    assert document == {
        "id": "maker/model",
        "display_name": "Maker: Model",
        "created_at": "2026-01-01T00:00:00Z",
        "context_length": 400_000,
        "sunset_at": "2026-06-01",
        "pricing": {
            "kind": "token",
            "text": {
                "prompt": "0.0000030",
                "completion": "1.5e-5",
                "internal_reasoning": "0.00002",
            },
            "cache": {"read": "0.0000003", "write": "0.00000375", "write_1h": "0.000006"},
            "multimodal": {"input_image": "0.0000051", "output_image": "0.00003"},
            "native": {
                "image": "0.0048",
                "request": "0.01",
                "audio": "0.0001",
                "audio_output": "0.0002",
                "input_audio_cache": "0.00001",
                "web_search": "0.014",
                "discount": "0.25",
                "per_tool_call": "0.001",
            },
        },
    }
    assert remarks("openrouter", _ENTRY) == []


@pytest.mark.parametrize("name", ["prompt", "completion", "input_cache_read", "input_cache_write"])
def test_a_zero_is_free_where_everybody_is_charged(name: str) -> None:
    assert list(priced(f'{{"{name}": "0"}}').values()) == ["0"]


@pytest.mark.parametrize(
    "name", ["request", "image", "audio", "web_search", "internal_reasoning", "discount"]
)
@pytest.mark.parametrize("zero", ['"0"', "0", '"0.0"'])
def test_a_zero_is_none_where_few_are_charged(name: str, zero: str) -> None:
    assert priced(f'{{"{name}": {zero}}}') == {}
    assert said(f'{{"{name}": {zero}}}') == [(ABSENT, f"/pricing/{name}")]


def test_what_a_router_decides_at_run_time_is_no_price() -> None:
    pricing = '{"prompt": "-1", "completion": "-1"}'

    assert priced(pricing) == {"text.prompt": "-1", "text.completion": "-1"}
    assert said(pricing) == [(FLAGGED, "/pricing/prompt"), (FLAGGED, "/pricing/completion")]


def test_a_text_is_not_altered_and_a_number_loses_the_noise_of_a_float() -> None:
    pricing = '{"prompt": "0.00000020000000000000002", "completion": 0.00000020000000000000002}'

    assert priced(pricing) == {
        "text.prompt": "0.00000020000000000000002",
        "text.completion": "0.0000002",
    }
    assert said(pricing) == [(SNAPPED, "/pricing/completion")]


def test_a_list_as_groq_writes_it() -> None:
    text = """{"object": "list", "data": [
      {"id": "chat", "name": "chat", "context_window": 131072, "created": 1733447754,
       "pricing": {"prompt": "0.00000059", "completion": "0.00000079", "image": "0", "request": "0",
                   "input_cache_read": "0.000000295"}},
      {"id": "speech", "context_window": 448, "pricing": {"prompt": "0.0000185"}},
      {"id": "compound", "context_window": 131072},
      {"id": "older", "pricing": null, "active": true}]}"""

    documents = [entry.document for entry in read("groq", text).entries]

    assert documents[0]["pricing"] == {
        "kind": "token",
        "text": {"prompt": "0.00000059", "completion": "0.00000079"},
        "cache": {"read": "0.000000295"},
    }
    assert documents[0]["context_length"] == 131_072
    assert documents[1]["pricing"] == {"kind": "token", "text": {"prompt": "0.0000185"}}
    assert documents[2:] == [{"id": "compound", "context_length": 131_072}, {"id": "older"}]


_OUTDONE = "never in force, as other entries win: in the body alone"
_USUAL = '"prompt": "0.000002", "completion": "0.000012"'


def overridden(*entries: str) -> str:
    return f'{{{_USUAL}, "overrides": [{", ".join(entries)}]}}'


def tiers(*entries: str) -> dict[str, str]:
    """What overrides add to the usual prices."""
    found = priced(overridden(*entries))
    return {path: text for path, text in found.items() if not path.startswith("text.")}


_LONG = '{"min_prompt_tokens": 200000, "prompt": "0.000004", "completion": "0.000018"}'
_NIGHT = '{"utc_start": 1630, "utc_end": 30, "prompt": "0.00000014"}'


def test_overrides_are_tiers() -> None:
    assert tiers(_LONG, _NIGHT) == {
        "tiers.over_200k.text.prompt": "0.000004",
        "tiers.over_200k.text.completion": "0.000018",
        "tiers.utc_1630_0030.text.prompt": "0.00000014",
    }
    assert said(overridden(_LONG, _NIGHT)) == []


def test_a_later_entry_that_the_rank_would_not_choose_gets_a_tier_for_both_conditions() -> None:
    assert tiers(_NIGHT, _LONG) == {
        "tiers.utc_1630_0030.text.prompt": "0.00000014",
        "tiers.over_200k.text.prompt": "0.000004",
        "tiers.over_200k.text.completion": "0.000018",
        "tiers.utc_1630_0030.over_200k.text.prompt": "0.000004",
    }


@pytest.mark.parametrize(
    ("entries", "found"),
    [
        pytest.param(
            ['{"utc_start": 100, "utc_end": 1000, "min_prompt_tokens": 32000, "audio": "0.1"}'],
            {"tiers.utc_0100_1000.over_32k.native.audio": "0.1"},
            id="both at once",
        ),
        pytest.param(
            ['{"min_prompt_tokens": 131072.0, "input_cache_read": "0"}'],
            {"tiers.over_131072.cache.read": "0"},
            id="a number that is no thousand, free",
        ),
        pytest.param(
            [
                '{"min_prompt_tokens": 272000, "prompt": "9", "completion": "8"}',
                '{"min_prompt_tokens": 272000, "prompt": "7", "completion": null}',
            ],
            {"tiers.over_272k.text.prompt": "7", "tiers.over_272k.text.completion": "8"},
            id="twice",
        ),
        pytest.param(
            [
                '{"min_prompt_tokens": 272000, "prompt": "9"}',
                '{"min_prompt_tokens": 128000, "prompt": "5"}',
            ],
            {"tiers.over_272k.text.prompt": "9", "tiers.over_128k.text.prompt": "5"},
            id="falling thresholds",
        ),
        pytest.param(
            ['{"min_prompt_tokens": 1000000, "prompt": 0.000004, "reranking": "0.5"}'],
            {
                "tiers.over_1000k.text.prompt": "0.000004",
                "tiers.over_1000k.native.reranking": "0.5",
            },
            id="a number, and a price of a new name",
        ),
        pytest.param(["{}"], {}, id="nothing"),
    ],
)
def test_conditions_of_any_shape_have_their_place(
    entries: list[str], found: dict[str, str]
) -> None:
    assert tiers(*entries) == found


@pytest.mark.parametrize(
    ("when", "name"),
    [
        (
            '"utc_days": ["saturday", "sunday"], "utc_start": 0, "utc_end": 800',
            "utc_days=-saturday-sunday-_utc_end=800_utc_start=0",
        ),
        ('"max_prompt_tokens": 32000', "max_prompt_tokens=32000"),
        ('"service_tier": "flex"', "service_tier=flex"),
        ('"min_prompt_tokens": "many"', "min_prompt_tokens=many"),
        ('"utc_start": 1630', "utc_start=1630"),
        ('"utc_start": 2500, "utc_end": 30', "utc_end=30_utc_start=2500"),
        ('"utc_start": 100, "utc_end": 100', "utc_end=100_utc_start=100"),
    ],
)
def test_a_condition_that_is_not_known_is_named_and_nothing_is_charged_by_it(
    when: str, name: str
) -> None:
    entry = f'{{{when}, "prompt": "0.000001"}}'

    assert tiers(entry) == {f"native.overrides.prompt.{name}": "0.000001"}
    assert told(overridden(entry)) == [
        Remark(
            NOT_UNDERSTOOD,
            "m",
            "/pricing/overrides/0",
            f"nobody knows when it holds ({name}): kept, and never charged by itself",
        )
    ]


@pytest.mark.parametrize(
    ("entries", "found"),
    [
        (['{"utc_start": null, "prompt": "5"}'], {"text.prompt": "5"}),
        (['{"min_prompt_tokens": 0, "prompt": "5"}'], {"text.prompt": "5"}),
        (
            ['{"prompt": "5"}', '{"min_prompt_tokens": 9, "prompt": "7"}'],
            {"text.prompt": "5", "tiers.over_9.text.prompt": "7"},
        ),
        (
            ['{"utc_start": 0, "utc_end": 100, "prompt": "7"}', '{"prompt": "5", "audio": "3"}'],
            {
                "text.prompt": "5",
                "native.audio": "3",
                "tiers.utc_0000_0100.text.prompt": "5",
            },
        ),
    ],
)
def test_an_entry_without_a_condition_replaces_the_usual_price(
    entries: list[str], found: dict[str, str]
) -> None:
    pricing = overridden(*entries)

    assert priced(pricing) == {"text.completion": "0.000012", **found}
    assert told(pricing)[0] == Remark(ABSENT, "m", "/pricing/prompt", _OUTDONE)


def test_a_price_that_never_holds_is_told_where_it_stands() -> None:
    entries = (
        '{"prompt": "5", "a/b": "1", "completion": null}',
        '{"prompt": "6", "a/b": "2"}',
        '{"min_prompt_tokens": 9, "audio": "3"}',
    )

    assert told(f'{{"overrides": [{", ".join(entries)}]}}') == [
        Remark(ABSENT, "m", "/pricing/overrides/0/prompt", _OUTDONE),
        Remark(ABSENT, "m", "/pricing/overrides/0/a~1b", _OUTDONE),
    ]


def test_a_number_is_a_price_where_its_name_is_that_of_one() -> None:
    entry = '{"min_prompt_tokens": 9, "new": 2, "audio": -1}'
    pricing = f'{{"new": "1", "overrides": [{entry}]}}'

    assert priced(pricing) == {
        "native.new": "1",
        "tiers.over_9.native.new": "2",
        "tiers.over_9.native.audio": "-1",
    }
    assert said(pricing) == [(FLAGGED, "/pricing/overrides/0/audio")]


def test_what_is_no_amount_on_a_condition_that_is_not_known_is_flagged_where_it_stands() -> None:
    pricing = overridden('{"day": 1, "prompt": -1}', '{"day": 2, "prompt": -2}')

    assert said(pricing) == [
        (NOT_UNDERSTOOD, "/pricing/overrides/0"),
        (FLAGGED, "/pricing/overrides/0/prompt"),
        (NOT_UNDERSTOOD, "/pricing/overrides/1"),
        (FLAGGED, "/pricing/overrides/1/prompt"),
    ]


def test_every_day_of_the_week_is_no_condition() -> None:
    days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
    entry = f'{{"utc_days": {json.dumps(days)}, "utc_start": 0, "utc_end": 800, "audio": "1"}}'

    assert tiers(entry) == {"tiers.utc_0000_0800.native.audio": "1"}


def test_a_use_is_charged_by_what_is_known_to_hold_for_it() -> None:
    entries = (_NIGHT, _LONG, '{"utc_days": ["monday"], "prompt": "9", "request": "9"}')
    document = one("openrouter", f'{{"id": "m", "pricing": {overridden(*entries)}}}')
    tariff = Tariff(document["pricing"])

    paths = [
        tariff.bill({"prompt": Decimal(1), "requests": Decimal(1)}, situation).parts
        for situation in (
            Situation(),
            Situation(minute=17 * 60),
            Situation(passed=200_000),
            Situation(minute=17 * 60, passed=200_000),
        )
    ]

    assert [[part.amount for part in parts] for parts in paths] == [
        [Decimal("0.000002")],
        [Decimal("0.00000014")],
        [Decimal("0.000004")],
        [Decimal("0.000004")],
    ]


def test_of_two_entries_on_the_same_unknown_condition_the_later_wins() -> None:
    entries = ('{"day": 1, "prompt": "5", "completion": "6"}', '{"day": 1, "prompt": "4"}')

    assert tiers(*entries) == {
        "native.overrides.completion.day=1": "6",
        "native.overrides.prompt.day=1": "4",
    }


@pytest.mark.parametrize(
    ("pricing", "found"),
    [
        ('{"overrides": {"min_prompt_tokens": 5}}', {"native.overrides.min_prompt_tokens": "5"}),
        ('{"overrides": null}', {}),
        (
            '{"overrides": [7, "x"]}',
            {"native.overrides.entry.0": "7", "native.overrides.entry.1": "x"},
        ),
        (
            '{"prompt": {"text": "1", "image": "2"}}',
            {"native.prompt.text": "1", "native.prompt.image": "2"},
        ),
        ('[{"prompt": "1"}]', {"native.pricing.0.prompt": "1"}),
        ('"contact sales"', {"native.pricing": "contact sales"}),
        ('{"prompt": true, "completion": null}', {}),
        (
            '{"prompt_above_1m": "0.1", "a/b": {"c.d": 2}}',
            {"native.prompt_above_1m": "0.1", "native.a/b.c.d": "2"},
        ),
    ],
)
def test_other_shapes_are_kept_as_they_are(pricing: str, found: dict[str, str]) -> None:
    assert priced(pricing) == found


_known = st.sampled_from([*loads(_ENTRY)["pricing"], "overrides", "video"])
_CONDITIONS = ("/min_prompt_tokens", "/utc_start", "/utc_end")
_conditions = st.sampled_from(
    ["min_prompt_tokens", "utc_start", "utc_end", "utc_days", "prompt", "completion", "new"]
)
_overrides = st.lists(
    st.dictionaries(_conditions, values | st.sampled_from(["200000", "1630", '"0.1"'])).map(
        written
    ),
    max_size=5,
).map(lambda entries: f"[{','.join(entries)}]")
_pricings = (
    values
    | st.dictionaries(_known | names, values).map(written)
    | st.builds(
        lambda usual, overrides: written({**usual, "overrides": overrides}),
        st.dictionaries(_known, values),
        _overrides,
    )
)


@given(_pricings, st.dictionaries(st.sampled_from(["created", "expiration_date", "name"]), values))
def test_whatever_a_pricing_holds_no_number_is_lost(pricing: str, others: dict[str, str]) -> None:
    entry = written({"id": '"m"', "pricing": pricing, **others})

    missing = lost(read("openrouter", f"[{entry}]"), loads(pricing), "/pricing")

    # What an override names as its condition has its place in a path.
    assert [path for path in missing if not path.endswith(_CONDITIONS)] == []


def test_a_long_list_of_overrides_is_kept_and_not_compared() -> None:
    entries = [
        f'{{"min_prompt_tokens": {number}, "prompt": "{number}"}}' for number in range(1, 60)
    ]

    found = tiers(*entries)

    assert len(found) == 59
    assert found["native.overrides.prompt.min_prompt_tokens=7"] == "7"


def test_amounts_read_are_those_of_the_text() -> None:
    document = one("openrouter", _ENTRY)
    pricing = json.loads(_ENTRY)["pricing"]

    assert sorted(
        leaf
        for leaf in leaves({"pricing": document["pricing"]}).values()
        if isinstance(leaf, Decimal)
    ) == sorted(Decimal(str(value)) for value in pricing.values())


def test_more_conditions_than_anybody_prices_by_are_kept_and_never_charged() -> None:
    """Forty entries would be thousands of tiers for each price."""
    overrides = [
        {"utc_start": 30 + n * 55 % 24 * 100, "utc_end": n * 35 % 24 * 100, "prompt": str(n)}
        | {"min_prompt_tokens": n + 1, "completion": "2"}
        for n in range(30)
    ]
    pricing = {"prompt": "0.5", "overrides": overrides}

    document = one("openrouter", json.dumps({"id": "m", "pricing": pricing}))

    found = document["pricing"]
    assert found["text"] == {"prompt": "0.5"}
    assert "tiers" not in found
    kept = found["native"]["overrides"]["prompt"]
    assert kept["min_prompt_tokens=8_utc_end=500_utc_start=130"] == "7"
    assert len(kept) == 30
