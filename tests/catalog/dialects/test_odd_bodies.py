"""Whatever stands anywhere in a body: it is read, or refused as no catalog."""

import copy
from collections.abc import Iterator
from decimal import Decimal
from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pricetrail.catalog.dialects.registry import get_dialect
from pricetrail.catalog.documents import canonical, check_names
from pricetrail.catalog.errors import CatalogError
from pricetrail.catalog.strict_json import loads
from tests.catalog.dialects import test_genai_prices as genai
from tests.catalog.dialects import test_litellm as litellm
from tests.catalog.dialects import test_litellm_costs as litellm_costs
from tests.catalog.dialects import test_models_dev as models_dev
from tests.catalog.dialects import test_requesty as requesty
from tests.catalog.dialects import test_vercel as vercel

Json = Any
_DATED = f"""[{{"prices": {genai.PRICES}}},
    {{"constraint": {{"start_date": "2026-01-01"}}, "prices": {genai.PRICES}}},
    {{"constraint": {{"start_time": "01:00Z", "end_time": "02:00Z"}}, "prices": {genai.PRICES}}}]"""
BODIES = [
    ("vercel", f'{{"data": [{vercel.ENTRY}]}}'),
    ("requesty", f"[{requesty.ENTRY}]"),
    ("litellm", litellm.MAP),
    ("litellm", f'{{"m": {litellm_costs.ENTRY}}}'),
    (
        "litellm",
        (
            f'{{"data": [{{"model_name": "a", "litellm_params": {litellm_costs.ENTRY},'
            f' "model_info": {litellm_costs.ENTRY}}}, {{"model_name": "a"}}]}}'
        ),
    ),
    ("models.dev", f'{{"lab": {{"models": {{"a/b": {models_dev.ENTRY}}}}}}}'),
    (
        "genai-prices",
        (
            f'[{{"id": "lab", "models": [{{"id": "m", "prices": {genai.PRICES}, "price_variants":'
            f' [{{"when": {{"service_tier": "flex"}}, "prices": {genai.PRICES}}}]}},'
            f' {{"id": "n", "prices": {_DATED}}}]}}]'
        ),
    ),
]
_ODD: list[Json] = [
    *(None, True, False, "", "x", "9" * 100, "2026-01-01", "over_200k", 0, 1, -1, 10**30),
    *(Decimal("1e300"), Decimal("1e-300"), Decimal("-0.0")),
    *([], {}, [1], [[]], [None], [{}], {"": {}}, {"a": 1}, {"data": []}, {"models": []}),
    *({"a/b": {"c": [1, {"cost": 2}]}}, {"tiers": [{"start": 1}]}, {"base": {"base": 1}}),
]


@given(seed=st.integers(0, 2**32))
def test_a_body_is_read_or_refused(seed: int) -> None:
    random = Random(seed)
    dialect, body = random.choice(BODIES)
    native = loads(body)
    for _ in range(random.choice([1, 1, 2, 4])):
        native = put(native, random.choice(list(places(native))), random.choice(_ODD))
    try:
        reading = get_dialect(dialect).read(native)
    except CatalogError:
        return
    for entry in reading.entries:
        canonical(entry.document)
        check_names(entry.document, 1024)
        assert isinstance(entry.document["id"], str)


def places(value: Json, above: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield above
    if isinstance(value, dict | list):
        for key in value if isinstance(value, dict) else range(len(value)):
            yield from places(value[key], (*above, key))


def put(value: Json, place: tuple[Any, ...], odd: Json) -> Json:
    if not place:
        return copy.deepcopy(odd)
    into = value
    for key in place[:-1]:
        into = into[key]
    into[place[-1]] = copy.deepcopy(odd)
    return value
