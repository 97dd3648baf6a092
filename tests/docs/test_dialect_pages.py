"""A dialect's page names every field that its dialect knows, and shows how to configure it."""

import tomllib
from pathlib import Path

import pytest

from pricetrail.catalog.dialects import deepinfra, openrouter, together, xai
from pricetrail.catalog.dialects.readings import Field

DIALECTS = Path(__file__).resolve().parents[2] / "docs" / "dialects"
FIELDS = {
    "openrouter": openrouter.FIELDS,
    "together": together.FIELDS,
    "deepinfra": deepinfra.FIELDS,
    "xai": xai.FIELDS,
}


@pytest.mark.parametrize("name", FIELDS)
def test_every_field_and_its_place_is_on_the_page(name: str) -> None:
    text = (DIALECTS / f"{name}.md").read_text(encoding="utf-8")
    fields: dict[str, Field] = FIELDS[name]

    for field, (place, _, _) in fields.items():
        assert f"`{field}`" in text
        dotted = place.replace("/", ".")
        assert f"`{dotted}`" in text or dotted == f"native.{field}"


@pytest.mark.parametrize("name", FIELDS)
def test_its_configuration_is_toml_and_names_the_dialect(name: str) -> None:
    text = (DIALECTS / f"{name}.md").read_text(encoding="utf-8")
    blocks = [part.partition("\n```")[0] for part in text.split("```toml\n")[1:]]

    sources = [tomllib.loads(block)["sources"] for block in blocks]

    assert sources[0][name]["dialect"] == name
    for found in sources:
        for source in found.values():
            assert source["url"].startswith("https://")
            assert source["api_key"].startswith("env:")
