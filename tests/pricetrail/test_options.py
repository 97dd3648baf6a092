"""Options and argument types that many commands share."""

from datetime import UTC, datetime, timedelta

import click
import pytest
from click.testing import CliRunner

from pricetrail.audit.usage.options import ReadingOptions
from pricetrail.cli import main
from pricetrail.options import (
    DURATION,
    MONTH,
    REVISION,
    TIME,
    TIME_AHEAD,
    json_option,
    source_option,
    web_options,
)
from pricetrail.storage.database import Database
from pricetrail.usage_options import usage_options
from tests.pricetrail.commands.audits import document
from tests.support.histories import build, catalog, model, tokens


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2026-03-01", datetime(2026, 3, 1, tzinfo=UTC)),
        ("2026-03-01T12:00:00+02:00", datetime(2026, 3, 1, 10, tzinfo=UTC)),
    ],
)
def test_a_time_is_utc_and_aware(text: str, time: datetime) -> None:
    assert TIME.convert(text, None, None) == time
    assert TIME.convert(time, None, None) is time


@pytest.mark.parametrize(
    ("text", "span"), [("90s", timedelta(seconds=90)), ("1h30m", timedelta(minutes=90))]
)
def test_a_duration_is_a_span(text: str, span: timedelta) -> None:
    assert DURATION.convert(text, None, None) == span
    assert DURATION.convert(span, None, None) is span


@pytest.mark.parametrize("kind", [TIME, DURATION])
def test_what_is_neither_is_a_usage_error(kind: click.ParamType[object]) -> None:
    with pytest.raises(click.BadParameter, match="soon"):
        kind.convert("soon", None, None)


def test_a_length_is_ago_and_of_what_is_to_come_from_now_on() -> None:
    ago, ahead = TIME.convert("3d", None, None), TIME_AHEAD.convert("3d", None, None)
    assert timedelta(days=6) <= ahead - ago <= timedelta(days=6, minutes=5)


def test_a_version_is_a_version_unless_it_is_a_time() -> None:
    for text in ("17", "latest~3", "baseline", "nonsense"):
        assert REVISION.convert(text, None, None) == text
    assert REVISION.convert("2026-03-01", None, None) == datetime(2026, 3, 1, tzinfo=UTC)
    assert isinstance(REVISION.convert("7d", None, None), datetime)


def test_a_month_is_one_or_a_time_in_it() -> None:
    for text, month in (("2026-03", "2026-03"), ("2026-03-17", "2026-03"), ("x", "x")):
        assert MONTH.convert(text, None, None) == month
    assert MONTH.convert("today", None, None) == f"{datetime.now(UTC):%Y-%m}"


@click.command()
@usage_options
@source_option
@json_option
def command(reading: ReadingOptions, source: str | None, as_json: bool) -> None:
    rates = ", ".join(f"{code} {rate}" for code, rate in reading.rates.items())
    said = (reading.style, rates, reading.format, dict(reading.roles), sorted(reading.ignored))
    click.echo(f"{said} {reading.models} {reading.zone} {source} {as_json}")


@pytest.mark.parametrize(
    ("arguments", "given"),
    [
        ([], "('disjoint', '', None, {}, []) () None None False"),
        (
            ["--json", "--source", "s", "--style", "openai"],
            "('openai', '', None, {}, []) () None s True",
        ),
        (
            ["--rate", "EUR=1.08", "--rate", "CNY=0.14", "--format", "ccusage"],
            "('disjoint', 'EUR 1.08, CNY 0.14', 'ccusage', {}, []) () None None False",
        ),
        (
            ["--map", "tok in=prompt_tokens", "--ignore", "A b", "--ignore", "c"],
            "('disjoint', '', None, {'tokin': 'prompt'}, ['ab', 'c']) () None None False",
        ),
        (
            ["--model", "x/*=*", "--timezone", "Europe/Berlin"],
            "('disjoint', '', None, {}, []) (Rename(old='x/*', new='*'),) Europe/Berlin None False",
        ),
    ],
)
def test_shared_options_have_one_name_each(arguments: list[str], given: str) -> None:
    assert CliRunner().invoke(command, arguments).output == given + "\n"


@pytest.fixture
def history(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """`long` gets dearer between .500 and .700 of a second."""
    monkeypatch.setenv("PRICETRAIL_DATABASE_URL", sqlite_url)
    cheap, dear = (catalog(model("long", tokens(f"0.00000{n}", "1"))) for n in (3, 4))
    times = {"00.500": cheap, "00.700": dear, "09.000": dear}
    database = Database(sqlite_url)
    build(database, "pipellm", [(f"2026-03-10T12:00:{t}Z", found) for t, found in times.items()])
    database.close()


@pytest.mark.usefixtures("history")
def test_a_price_is_asked_with_all_digits() -> None:
    for at, prompt in (("12:00:00.699999Z", "0.000003"), ("12:00:00.700Z", "0.000004")):
        shown = document("price", "long", "--at", f"2026-03-10T{at}", "--field", "text.prompt")
        assert shown["at"] == f"2026-03-10T{at}"
        assert shown["prices"][0]["amount"] == prompt


@pytest.mark.parametrize(("digits", "number"), [("6999999", 1), ("7", 1), ("7000001", 0)])
@pytest.mark.usefixtures("history")
def test_events_are_asked_for_with_all_digits(digits: str, number: int) -> None:
    shown = document("events", "--since", f"2026-03-10T12:00:00.{digits}Z")
    assert len(shown["events"]) == number


@click.command()
@web_options
def served(host: str | None, port: int | None, root_path: str | None, metrics_prices: bool) -> None:
    click.echo(f"{host} {port} {root_path} {metrics_prices}")


@pytest.mark.parametrize(
    ("arguments", "given"),
    [
        ([], "None None None False"),
        (["--host", "::1", "--port", "0", "--root-path", "/prices/"], "::1 0 /prices False"),
        (["--root-path", "/", "--metrics-prices"], "None None  True"),
    ],
)
def test_where_the_page_is_served_is_said_alike_everywhere(
    arguments: list[str], given: str
) -> None:
    assert CliRunner().invoke(served, arguments).output == f"{given}\n"


@pytest.mark.parametrize("path", ["prices", "//evil.example", "/a/../b", "/a b", "/a?b"])
def test_a_root_path_is_a_path(path: str) -> None:
    result = CliRunner().invoke(served, ["--root-path", path])
    assert result.exit_code == 2
    assert "not a path: write one such as /prices" in result.output


@pytest.mark.usefixtures("history")
def test_a_quiet_command_says_its_answer_and_errors_alone() -> None:
    asked = ["export", "--as", "litellm", "--at", "2026-03-11"]
    loud, quiet = (CliRunner().invoke(main, [*asked, *more]) for more in ([], ["--quiet"]))
    assert "for litellm" in loud.stderr
    assert (quiet.stdout, quiet.stderr) == (loud.stdout, "")
    error = CliRunner().invoke(main, ["price", "nosuch", "--quiet"]).stderr
    assert error.startswith("pricetrail: no model")
