"""`/metrics` as text: what the formats' own readers make of it, exact, and inert."""

import re
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
from prometheus_client.parser import text_string_to_metric_families as plain_text

from pricetrail.queries.metrics import (
    MetricsAnswer,
    PriceMetric,
    SourceMetrics,
    WebhookMetrics,
    ask,
)
from pricetrail.storage.database import Database
from pricetrail.storage.outbox import deliveries
from pricetrail.storage.outbox.deliveries import NewDelivery
from pricetrail.text.sanitize import sanitize
from pricetrail.web.metrics import exposition_of, text_of
from tests.support import promtool
from tests.support.histories import at, build, catalog, model

# A number that no float holds, and one that a float would write with an exponent.
EXACT, SMALL = Decimal("0.12345678901234567890123"), Decimal("3E-21")
HOSTILE = 'gpt"5\\\n# HELP evil \x1b[2J\u202egnp\r{a="b"} 1'


def source(name: str, *, polled: bool = True) -> SourceMetrics:
    return SourceMetrics(
        name=name,
        polls={"changed": 2, "unchanged": 40_000_000, "failed": 0, "quarantined": 0},
        events={"model.repriced": 3},
        last_good=at("10:00") if polled else None,
        next_poll=at("10:15") if polled else None,
        models=400,
        version=2,
        failures=1,
        quarantined=0,
        overdue=1,
        labels={"team": "search"},
    )


def answer(*prices: PriceMetric, name: str = "pipellm") -> MetricsAnswer:
    main = WebhookMetrics("main", {"pending": 1, "dead": 2}, timedelta(seconds=90.5))
    return MetricsAnswer("1.2.3", (source(name), source("new", polled=False)), (main,), prices)


PRICED = answer(
    PriceMetric("pipellm", "gpt-5", "/pricing/text/prompt", EXACT),
    PriceMetric("pipellm", "gpt-5", "/pricing/text/completion", SMALL),
)


def samples(body: bytes, *, read: object = plain_text) -> dict[str, float]:
    """Every sample, by its name and labels in order."""
    assert callable(read)
    return {
        f"{one.name}{sorted(one.labels.values())}": one.value
        for family in read(body.decode())
        for one in family.samples
    }


def test_every_metric_of_the_contract_is_there() -> None:
    found = samples(text_of(PRICED))
    assert found == samples(text_of(PRICED, as_openmetrics=True), read=openmetrics)
    ours = {key: value for key, value in found.items() if "'new'" not in key}
    assert ours == {
        "pricetrail_build_info['1.2.3']": 1,
        "pricetrail_source_info['pipellm', 'search']": 1,
        "pricetrail_polls_total['changed', 'pipellm']": 2,
        "pricetrail_polls_total['pipellm', 'unchanged']": 40_000_000,
        "pricetrail_polls_total['failed', 'pipellm']": 0,
        "pricetrail_polls_total['pipellm', 'quarantined']": 0,
        "pricetrail_events_total['model.repriced', 'pipellm']": 3,
        "pricetrail_last_good_poll_timestamp_seconds['pipellm']": at("10:00").timestamp(),
        "pricetrail_next_poll_timestamp_seconds['pipellm']": at("10:15").timestamp(),
        "pricetrail_models['pipellm']": 400,
        "pricetrail_version['pipellm']": 2,
        "pricetrail_failures['pipellm']": 1,
        "pricetrail_quarantined['pipellm']": 0,
        "pricetrail_overdue['pipellm']": 1,
        "pricetrail_deliveries['main', 'pending']": 1,
        "pricetrail_deliveries['dead', 'main']": 2,
        "pricetrail_oldest_delivery_age_seconds['main']": 90.5,
        "pricetrail_price_usd['/pricing/text/prompt', 'gpt-5', 'pipellm']": float(EXACT),
        "pricetrail_price_usd['/pricing/text/completion', 'gpt-5', 'pipellm']": float(SMALL),
    }
    # What never happened has no time.
    times = [key for key in found if "timestamp" in key]
    assert len(times) == 2


@pytest.mark.parametrize("as_openmetrics", [False, True])
def test_prices_are_written_as_the_exact_decimals_that_they_are(as_openmetrics: bool) -> None:
    text = text_of(PRICED, as_openmetrics=as_openmetrics).decode()
    amounts = re.findall(r"^pricetrail_price_usd\{.*\} (\S+)$", text, re.MULTILINE)
    assert amounts == ["0.12345678901234567890123", "0.000000000000000000003"]
    assert text.endswith("\n# EOF\n") == as_openmetrics
    assert text.count("# EOF") == int(as_openmetrics)


@pytest.mark.parametrize("as_openmetrics", [False, True])
def test_names_from_outside_are_labels_and_nothing_else(as_openmetrics: bool) -> None:
    one = PriceMetric("pipellm", HOSTILE, "/pricing/" + "x" * 5000, Decimal("1.50"))
    other = PriceMetric("pipellm", HOSTILE.replace("\x1b", "\x1c"), one.path, Decimal(2))
    body = text_of(answer(one, other, name=HOSTILE), as_openmetrics=as_openmetrics)
    read = openmetrics if as_openmetrics else plain_text
    families = {family.name: family for family in read(body.decode())}
    # They differ in what nobody sees: of two series that are one, the first is told.
    [sample] = families["pricetrail_price_usd"].samples
    assert sample.value == 1.5
    assert sample.labels["model"] == 'gpt"5\\\ufffd# HELP evil \ufffd[2J\ufffdgnp\ufffd{a="b"} 1'
    assert len(sample.labels["path"]) == 1024
    assert all(name.startswith("pricetrail_") for name in families)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\u202e]", body.decode())


def test_labels_are_those_of_each_source_and_of_none_where_sources_are_one() -> None:
    odd = replace(source("odd"), labels={"team": HOSTILE, "source": "mine"})
    together = source("*")
    for as_openmetrics, read in ((False, plain_text), (True, openmetrics)):
        body = text_of(MetricsAnswer("1", (odd, together), (), None), as_openmetrics=as_openmetrics)
        families = {family.name: family for family in read(body.decode())}
        family = families.get("pricetrail_source") or families["pricetrail_source_info"]
        [sample] = family.samples
        assert sample.labels == {
            "source": "odd",
            "label_source": "mine",
            "label_team": sanitize(HOSTILE, 512),
        }


def test_prices_that_nobody_asked_for_are_not_there() -> None:
    without = MetricsAnswer("1.2.3", (), (), None)
    assert b"price_usd" not in text_of(without)
    assert b"price_usd" in text_of(MetricsAnswer("1.2.3", (), (), ()))


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, "text/plain; version=0.0.4; charset=utf-8"),
        ("*/*", "text/plain; version=0.0.4; charset=utf-8"),
        (
            "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.2",
            "application/openmetrics-text; version=1.0.0; charset=utf-8",
        ),
        (
            "text/plain, application/openmetrics-text; q=0",
            "text/plain; version=0.0.4; charset=utf-8",
        ),
    ],
)
def test_the_format_is_the_one_that_is_accepted(accept: str | None, expected: str) -> None:
    found = exposition_of(PRICED, accept)
    assert found.content_type == expected
    assert found.body.endswith(b"# EOF\n") == ("openmetrics" in expected)


def test_promtool_has_nothing_to_say_against_what_a_database_holds(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    build(database, "s", [("10:00", catalog(model("a"))), ("11:00", catalog(model(HOSTILE)))])
    with database.write() as transaction:
        deliveries.enqueue(transaction, [NewDelivery("d", "main", ("e",))], at("11:00"))
        asked = ask(transaction, at("12:00"), prices=True)
    database.close()
    text = text_of(asked)
    assert text.count(b"pricetrail_price_usd{") == 2
    assert promtool.run("check", "metrics", given=text) == (0, "")
    code, said = promtool.run("check", "metrics", given=text + b'pricetrail_events{a="b} 1\n')
    assert (code != 0, "error" in said) == (True, True)
