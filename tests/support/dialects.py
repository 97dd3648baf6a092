"""A dialect for tests: small, with versions that read differently, in the place of a real one."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from pricetrail.catalog.dialects import xai
from pricetrail.catalog.dialects.readings import NOT_UNDERSTOOD, Entry, ModelReader, Reading
from pricetrail.catalog.errors import CatalogError
from pricetrail.catalog.strict_json import dumps

NAME = "xai"


def spoken(monkeypatch: pytest.MonkeyPatch, version: int = 1) -> None:
    """Let `xai` be the made-up dialect, in a version: from 2 on it reads `cached` as well, and from
    3 on it calls what it reads otherwise; 9 can read no list at all."""
    monkeypatch.setattr(xai, "VERSION", version)
    monkeypatch.setattr(xai, "read", _reader(version))


def _reader(version: int) -> Callable[[object], Reading]:
    def read(native: object) -> Reading:
        listed = native.get("models") if isinstance(native, dict) else native
        if version == 9 or not isinstance(listed, list):
            raise CatalogError("no list of this dialect: it has no `models`")
        entries, remarks = [], []
        for entry in listed:
            model = ModelReader(entry["name"])
            model.price("text/prompt", "/in", entry.get("in"), scale=-6)
            if version >= 2:
                model.price("cache/read", "/cached", entry.get("cached"), scale=-6)
            if "odd" in entry:
                model.remark(NOT_UNDERSTOOD, "/odd", "nobody knows it")
            title = f"{entry['name']} ({version})" if version >= 3 else None
            entries.append(Entry(model.document(display_name=title), entry))
            remarks += model.remarks
        return Reading(entries, remarks)

    return read


def native(*models: dict[str, Any]) -> bytes:
    """The body that lists models as the made-up dialect writes them."""
    return dumps({"models": list(models)}).encode()


def entry(name: str, prompt: str = "2.5", **more: Any) -> dict[str, Any]:
    """A model's native entry; its price a JSON number, in USD per million tokens."""
    return {"name": name, "in": Decimal(prompt), **more}
