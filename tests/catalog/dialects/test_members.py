"""Where a list's models stand, and what of them is no price."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricetrail.catalog.dialects.members import described, models_of, whole_number
from pricetrail.catalog.dialects.readings import NOT_UNDERSTOOD, Entry, ModelReader, Remark
from pricetrail.catalog.errors import CatalogError
from pricetrail.catalog.strict_json import loads
from tests.catalog.dialects.reading import read, values

_NO_LIST = "no list as together writes it"


def _page(why: str) -> str:
    return f"truncated: {why}; ask for all of them in the source's `url`"


@pytest.mark.parametrize(
    "text",
    [
        '[{"id": "a"}, {"id": "b"}]',
        '{"data": [{"id": "a"}, {"id": "b"}]}',
        '{"models": [{"id": "a"}, {"id": "b"}], "object": "list", "other": 1}',
        '{"data": [{"id": "a"}, {"id": "b"}], "total_count": 2, "links": {"next": null}}',
    ],
)
def test_a_list_is_an_array_or_an_object_with_one(text: str) -> None:
    assert [model for model, _ in models_of(loads(text), "together")] == ["a", "b"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("null", f"{_NO_LIST}: its models are of type NoneType"),
        ('"down for maintenance"', f"{_NO_LIST}: its models are of type str"),
        ('{"error": {"message": "no"}}', f"{_NO_LIST}: `data` is missing"),
        ('{"data": null, "total": 1}', f"{_NO_LIST}: its models are of type NoneType"),
        ('{"data": {"id": "a"}}', f"{_NO_LIST}: its models are of type dict"),
        ('["a"]', "an entry of `data` is not an object but str"),
        ('[{"name": "a"}]', "a model without an id"),
        ('[{"id": 7}]', "a model without an id"),
        (
            '{"data": [{"id": "a"}], "total_count": 2}',
            _page("`total_count` is 2, the list has 1 models"),
        ),
        ('{"data": [{"id": "a"}], "total": 300}', _page("`total` is 300, the list has 1 models")),
        ('{"data": [{"id": "a"}], "has_more": true}', _page("there is a next page")),
        (
            '{"data": [{"id": "a"}], "links": {"next": "/api/v1/models?offset=1"}}',
            _page("there is a next page"),
        ),
    ],
)
def test_what_is_no_whole_list_is_refused(text: str, why: str) -> None:
    with pytest.raises(CatalogError) as refused:
        list(models_of(loads(text), "together"))
    assert str(refused.value) == why


@pytest.mark.parametrize(
    ("entry", "members"),
    [
        ('{"name": "A b", "display_name": "B"}', {"display_name": "B"}),
        ('{"name": "A b", "display_name": ""}', {"display_name": "A b"}),
        ('{"created": 1727222400}', {"created_at": "2024-09-25T00:00:00Z"}),
        ('{"created": 1727222400.0}', {"created_at": "2024-09-25T00:00:00Z"}),
        ('{"created": "1727222400"}', {"created_at": "2024-09-25T00:00:00Z"}),
        ('{"created": "2024-09-25T00:00:00Z"}', {"created_at": "2024-09-25T00:00:00Z"}),
        ('{"created": 0, "name": 4}', {}),
        ('{"context_length": 131072}', {"context_length": 131072}),
        ('{"context_window": 4096.0}', {"context_length": 4096}),
        ('{"context_length": 0}', {}),
        ('{"context_length": null, "context_window": "8192"}', {"context_length": 8192}),
        ('{"context_length": [1], "created": true}', {}),
        ('{"expiration_date": "2026-06-01"}', {"sunset_at": "2026-06-01"}),
        ('{"expiration_date": null}', {}),
        ('{"expiration_date": ""}', {}),
        (
            '{"shutdown_date": "2026-06-01T12:00:00+02:00"}',
            {"sunset_at": "2026-06-01T12:00:00+02:00"},
        ),
        ('{"deprecation_date": 1780272000}', {"sunset_at": "2026-06-01T00:00:00Z"}),
        (
            '{"deprecation_date": "2026-05-01", "shutdown_date": "2026-06-01"}',
            {"sunset_at": "2026-06-01"},
        ),
    ],
)
def test_of_what_is_no_price_some_members_are_kept(entry: str, members: dict[str, object]) -> None:
    reader = ModelReader("m")

    document = reader.document(**described(reader, loads(entry)))

    assert document == {"id": "m", **members}
    assert reader.remarks == []


@pytest.mark.parametrize("value", ['"soon"', '"2026-13-01"', "12", "{}", '["2026-06-01"]'])
def test_a_date_that_is_none_is_named_and_not_taken(value: str) -> None:
    reader = ModelReader("m")
    entry = loads(f'{{"expiration_date": {value}}}')

    document = reader.document(**described(reader, entry, "/metadata"))

    assert document == {"id": "m"}
    said = f"{str(loads(value))!r} is no time"
    told = Remark(NOT_UNDERSTOOD, "m", "/metadata/expiration_date", said)
    assert reader.remarks == ([] if value == "{}" else [told])


@pytest.mark.parametrize("at", ["", "/metadata"])
def test_a_long_text_that_is_no_time_is_told_in_part(at: str) -> None:
    reader = ModelReader("m")

    described(reader, {"created": 81 * "x"}, *filter(None, [at]))

    said = f"{80 * 'x'!r} is no time"
    assert reader.remarks == [Remark(NOT_UNDERSTOOD, "m", f"{at}/created", said)]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("200000", 200_000),
        ("2e5", 200_000),
        ('"200000"', 200_000),
        ("0", 0),
        ("-1", -1),
        (f'"{18 * "9"}"', 10**18 - 1),
    ],
)
def test_a_whole_number_is_read_however_it_is_written(text: str, number: int) -> None:
    assert whole_number(loads(text)) == number


@pytest.mark.parametrize(
    "text",
    ["1.5", "true", "null", '"1.5"', '"-1"', '"１"', "1e300", "1e18", '"' + 19 * "9" + '"', "[]"],
)
def test_what_is_no_whole_number_is_none(text: str) -> None:
    assert whole_number(loads(text)) is None


@pytest.mark.parametrize("dialect", ["openrouter", "groq", "together", "deepinfra", "xai"])
def test_a_model_stands_beside_its_entry_and_what_is_said_of_it(dialect: str) -> None:
    text = '{"id": "m", "created": "soon", "name": "M"}'
    reading = read(dialect, f"[{text}]")

    assert reading.entries == [Entry({"id": "m", "display_name": "M"}, loads(text))]
    assert reading.remarks == [Remark(NOT_UNDERSTOOD, "m", "/created", "'soon' is no time")]


@given(st.sampled_from(["openrouter", "groq", "together", "deepinfra", "xai"]), values)
def test_any_body_is_a_list_or_refused(dialect: str, body: str) -> None:
    try:
        entries = read(dialect, body).entries
    except CatalogError:
        return
    native = loads(body)
    listed = native if isinstance(native, list) else native.get("data", native.get("models"))
    assert [entry.native for entry in entries] == listed
