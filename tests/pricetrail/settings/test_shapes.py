"""The configuration's tables give each value its type, and refuse what has none."""

from dataclasses import MISSING, fields
from datetime import timedelta
from decimal import Decimal

import pytest
from pydantic import BaseModel, ValidationError

from pricetrail.alerts.webhooks import Webhook
from pricetrail.jobs.source import Source
from pricetrail.settings.shapes import SourceTable, WebhookTable


@pytest.mark.parametrize(
    ("key", "written", "value"),
    [
        ("hold", "1h30m", timedelta(minutes=90)),
        ("max_body", "512KiB", 524_288),
        ("max_body", 1000, 1000),
        ("max_price_ratio", "2.5", Decimal("2.5")),
        ("max_removed_percent", 5, Decimal(5)),
        ("ignore", "*/created", ("*/created",)),
        ("ignore", ["a", "b"], ("a", "b")),
    ],
)
def test_a_value_gets_its_type(key: str, written: object, value: object) -> None:
    table = SourceTable.model_validate({"api_key": "k", key: written})
    assert getattr(table, key) == value
    assert type(getattr(table, key)) is type(value)


@pytest.mark.parametrize(
    ("key", "written", "problem"),
    [
        ("hold", "soon", "not a duration: write 90s"),
        ("max_body", "much", "not a size: write 16MiB"),
        ("max_body", True, "not a size"),
        ("max_price_ratio", "-1", "not a number of zero or more"),
        ("max_price_ratio", True, "not a number of zero or more"),
        ("schedule", 5, "valid string"),
        ("shedule", "every 5m", "not permitted"),
    ],
)
def test_what_has_none_is_refused_unprinted(key: str, written: object, problem: str) -> None:
    with pytest.raises(ValidationError, match=problem) as caught:
        SourceTable.model_validate({"api_key": "canary-secret", key: written})
    assert "canary-secret" not in str(caught.value)


def test_a_webhook_needs_an_address_alone() -> None:
    table = WebhookTable.model_validate({"url": "https://h.example/x", "secrets": "whsec_x"})
    assert (table.format, table.secrets, table.sources) == ("json", ("whsec_x",), ("*",))
    with pytest.raises(ValidationError, match="url"):
        WebhookTable.model_validate({})


@pytest.mark.parametrize(("table", "made"), [(SourceTable, Source), (WebhookTable, Webhook)])
def test_what_is_left_out_takes_the_default_of_what_is_made(
    table: type[BaseModel], made: type[Source | Webhook]
) -> None:
    written = {name: key.default for name, key in table.model_fields.items() if name != "url"}
    kept = {
        each.name: each.default if each.default_factory is MISSING else each.default_factory()
        for each in fields(made)
        # A webhook's labels are its sources'.
        if each.name not in ("name", "url") and (made is Source or each.name != "labels")
    }
    required = {name for name, key in table.model_fields.items() if key.is_required()} - {"url"}
    assert written.keys() == kept.keys()
    assert {name: written[name] for name in written.keys() - required} == {
        name: kept[name] for name in kept.keys() - required
    }
