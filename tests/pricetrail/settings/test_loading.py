"""The configuration: read whole, or refused with file, key and remedy, and never a secret."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from pricetrail.catalog.errors import InvalidInputError
from pricetrail.settings.database import database_url
from pricetrail.settings.errors import SettingsError
from pricetrail.settings.keys import SOURCE, WEBHOOK
from pricetrail.settings.loading import load

CANARY = "canary-0b5e71"
WHOLE = """
database_url = "sqlite:///prices.db"

[sources.pipellm]
url = "https://gateway.example.com/v1/models"
api_key = "env:KEY"
auth = "x-api-key"
schedule = "every 5m"
timezone = "Europe/Berlin"
confirm_removals = 2
hold = "1h30m"
hold_rises = false
max_removed_percent = 12.5
max_repriced_percent = "40"
allow_empty = true
max_body = "1MiB"
max_models = 100
deadline = "10s"
failing_after = 5

[webhooks.prices]
url = "env:HOOK"
format = "slack"
models = ["gpt-*", "!gpt-3*"]
type_targets = "openai"
min_percent = "1"
directions = ["increase"]
fields = ["text.*"]
min_monthly_usd = 10
digest = "0 9 * * 1-5"

[webhooks.billing]
url = "https://billing.example.com/hook"
secrets = ["env:SECRET", "file:old.secret"]
allow_private = true
"""
ENVIRONMENT = {
    "KEY": f"sk-{CANARY}",
    "HOOK": f"https://hooks.slack.com/services/T/B/{CANARY}",
    "SECRET": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
}


def written(text: str, name: str = "pricetrail.toml") -> Path:
    Path("old.secret").write_text("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n", encoding="utf-8")
    path = Path(name)
    path.write_text(text, encoding="utf-8")
    return path


def problems(environ: dict[str, str]) -> list[str]:
    """Every problem, a line each."""
    try:
        found = list(map(str, load(None, environ).problems))
    except SettingsError as error:
        found = list(error.lines)
    assert CANARY not in "".join(found)
    assert "\n" not in "".join(found)
    return found


def refused(text: str, environ: dict[str, str] = ENVIRONMENT) -> str:
    """The one problem of a file."""
    written(text)
    [said] = problems(environ)
    return said


def test_every_key_of_the_contract_is_read() -> None:
    written(WHOLE)
    settings = load(None, ENVIRONMENT)
    assert settings.problems == ()
    source = settings.sources["pipellm"]
    assert (source.name, source.api_key, source.auth) == ("pipellm", f"sk-{CANARY}", "x-api-key")
    assert (source.schedule, source.timezone) == ("every 5m", "Europe/Berlin")
    assert (source.hold, source.hold_rises) == (timedelta(minutes=90), False)
    assert source.max_removed_percent == Decimal("12.5")
    assert source.max_repriced_percent == Decimal(40)
    assert (source.max_body, source.max_models) == (1024 * 1024, 100)
    assert (source.deadline, source.failing_after) == (timedelta(seconds=10), 5)
    assert source.confirm_removals == 2
    assert source.allow_empty
    prices = settings.webhooks["prices"]
    assert (prices.format, prices.models) == ("slack", ("gpt-*", "!gpt-3*"))
    assert prices.type_targets == ("openai",)
    assert (prices.min_percent, prices.min_monthly_usd) == (Decimal(1), Decimal(10))
    assert (prices.directions, prices.fields) == (("increase",), ("text.*",))
    assert prices.digest == "0 9 * * 1-5"
    billing = settings.webhooks["billing"]
    assert len(billing.secrets) == 2
    assert billing.secrets[0] == billing.secrets[1]
    assert billing.allow_private


def test_nothing_of_a_secret_is_in_what_is_printed_of_the_settings() -> None:
    written(WHOLE)
    assert CANARY not in repr(load(None, ENVIRONMENT))
    proxied = f'url = "https://gw.example/?token={CANARY}"\nproxy = "http://me:{CANARY}@10.0.0.1:1"'
    written(
        f'database_url = "postgresql://me:{CANARY}@db/p?sslpassword={CANARY}"\n'
        f"[sources.a]\napi_key = '{CANARY}'\n{proxied}\n"
    )
    assert CANARY not in repr(load(None, ENVIRONMENT))


def test_the_file_is_the_named_one_then_the_environments_then_the_folders() -> None:
    written('database_url = "sqlite:///here.db"')
    written('database_url = "sqlite:///env.db"', "env.toml")
    named = written('database_url = "sqlite:///named.db"', "named.toml")
    environment = {"PRICETRAIL_CONFIG": "env.toml"}
    assert database_url(named, environment) == "sqlite:///named.db"
    assert database_url(None, environment) == "sqlite:///env.db"
    assert database_url(None, {}) == "sqlite:///here.db"


@pytest.mark.parametrize(("named", "said"), [(True, "--config"), (False, "PRICETRAIL_CONFIG")])
def test_a_file_that_was_named_has_to_be_there(named: bool, said: str) -> None:
    environment = {} if named else {"PRICETRAIL_CONFIG": "gone.toml"}
    with pytest.raises(SettingsError, match=f"gone.toml, which {said} names"):
        load(Path("gone.toml") if named else None, environment)


def test_what_is_faulty_is_told_to_whoever_asks_for_it() -> None:
    written(
        "[sources.a]\napi_key = 'k'\n[sources.b]\napi_key = 'k'\nhold = 'x'\n"
        "[webhooks.w]\nurl = 'https://h.example.com/'\nmin_percent = 'x'\n"
    )
    settings = load(None, {})
    assert settings.get_source("a") is settings.strict_sources["a"]
    assert settings.strict_sources.get("c") is None
    assert list(settings.strict_sources) == ["a", "b"]
    assert len(settings.strict_sources) == 2
    for ask in (settings.get_source, settings.strict_sources.get):
        with pytest.raises(SettingsError, match=r"sources\.b\.hold: not a duration"):
            ask("b")
    with pytest.raises(SettingsError, match=r"webhooks\.w\.min_percent: not a number"):
        settings.get_webhook("w")
    with pytest.raises(InvalidInputError, match="no source 'c' is configured; there are: a, b"):
        settings.get_source("c")
    with pytest.raises(InvalidInputError, match="no webhook 'v' is configured; there are: w"):
        settings.get_webhook("v")
    assert [it.key for it in settings.problems_of("sources", ["a"])] == []
    assert [it.key for it in settings.problems_of("sources")] == ["sources.b.hold"]


def test_without_a_file_the_key_alone_makes_a_source() -> None:
    settings = load(None, {"PIPELLM_API_KEY": "sk-x"})
    assert database_url(None, {}) == "sqlite:///pricetrail.db"
    assert list(settings.sources) == ["pipellm"]
    assert settings.sources["pipellm"].url == "https://api.pipellm.ai/v1/models"
    assert load(None, {}).sources == {}


def test_without_a_file_other_settings_come_from_the_environment() -> None:
    environ = {
        "PIPELLM_API_KEY": "sk-x",
        "PRICETRAIL_DATABASE_URL": "sqlite:///other.db",
        "PRICETRAIL_SCHEDULE": "every 1h",
        "PRICETRAIL_HOLD": "6h",
        "PRICETRAIL_MAX_MODELS": "70",
        "PRICETRAIL_ALLOW_EMPTY": "true",
        "PRICETRAIL_SERVICE_HOST": "10.0.0.1",  # set by Kubernetes for a service of our name
        "PRICETRAIL_PORT": "tcp://10.0.0.1:80",
        "PRICETRAIL_LABELS": "team=search,stage=live",
    }
    settings = load(None, environ)
    assert settings.problems == ()
    source = settings.sources["pipellm"]
    assert database_url(None, environ) == "sqlite:///other.db"
    assert (source.schedule, source.hold) == ("every 1h", timedelta(hours=6))
    assert (source.max_models, source.allow_empty) == (70, True)
    assert source.labels == {"team": "search", "stage": "live"}


def test_a_misspelt_variable_is_refused_with_the_right_name() -> None:
    [said] = problems({"PIPELLM_API_KEY": "sk-x", "PRICETRAIL_SHEDULE": "every 1h"})
    assert "PRICETRAIL_SHEDULE: unknown variable; did you mean PRICETRAIL_SCHEDULE?" in said
    with pytest.raises(SettingsError, match="did you mean PRICETRAIL_DATABASE_URL"):
        database_url(None, {"PRICETRAIL_DATABASE_UR": "sqlite:///x.db"})


def test_a_bad_value_in_the_environment_names_its_variable() -> None:
    [said] = problems({"PIPELLM_API_KEY": "sk-x", "PRICETRAIL_HOLD": "soon"})
    assert said.startswith("the environment: PRICETRAIL_HOLD: not a duration")


@pytest.mark.parametrize("key", [f"sk-{CANARY}\nx", f"sk-{CANARY}é", f"{CANARY} y"])
def test_a_key_that_no_header_can_carry_is_refused_unprinted(key: str) -> None:
    [said] = problems({"PIPELLM_API_KEY": key})
    assert said.startswith("the environment: PIPELLM_API_KEY: ")


def test_reading_needs_no_secret() -> None:
    written(WHOLE)
    assert database_url(None, {}) == "sqlite:///prices.db"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("databse_url = 'x'", "databse_url: unknown key; did you mean database_url?"),
        ("database_url = 3", "database_url"),
        ("sources = 3", "write a table [sources.NAME]"),
        ("sources.a = 3", "write a table [sources.a]"),
        ("[sources.a]\napi_key = 'env:NOPE'", "sources.a.api_key: the environment variable NOPE"),
        ("[sources.a]\napi_key = 'file:nope'", "sources.a.api_key: cannot read nope"),
        ("[sources.a]\nschedule = '* * * * *'", "sources.a.api_key: is missing"),
        ("[sources.a]\napi_key = 'k'\nholds = '1h'", "unknown key; did you mean hold?"),
        ("[sources.a]\napi_key = 'k'\nhold = 'soon'", "sources.a.hold: not a duration"),
        ("[sources.a]\napi_key = 'k'\nmax_body = 'big'", "sources.a.max_body: not a size"),
        ("[sources.a]\napi_key = 'k'\nmax_removed_percent = 'x'", "not a number"),
        ("[sources.a]\napi_key = 'k'\nmax_removed_percent = 101", "from 0 to 100"),
        ("[sources.a]\napi_key = 'k'\nauth = 'basic'", "sources.a.auth"),
        ("[sources.a]\napi_key = 'k'\nschedule = 'x'", "sources.a.schedule"),
        ("[sources.a]\napi_key = 'k'\ntimezone = 'Mars/X'", "sources.a.timezone"),
        ("[sources.a]\napi_key = 'k'\nurl = 'http://example.com/'", "sources.a.url"),
        ("[sources.a]\napi_key = 'k'\nallow_empty = 'perhaps'", "sources.a.allow_empty"),
        ("[webhooks.w]\nformat = 'slack'", "webhooks.w.url: is missing"),
        ("[webhooks.w]\nurl = 'https://example.com'\nformat = 'irc'", "webhooks.w.format"),
        ("[webhooks.w]\nurl = 'http://127.0.0.1/'", "webhooks.w.url"),
        ("[webhooks.w]\nurl = 'https://example.com'\nsecrets = ['canary-0b5e71']", "secrets"),
        ("[webhooks.w]\nurl = 'https://example.com'\ndigest = 'daily'", "webhooks.w.digest"),
        ("[webhooks.w]\nurl = 'https://example.com'\nmin_percent = '-1'", "not a number"),
        ("[[", "not TOML"),
    ],
)
def test_what_cannot_be_used_is_one_line_with_file_key_and_remedy(text: str, said: str) -> None:
    assert said in (told := refused(text))
    assert told.startswith("pricetrail.toml")


def test_a_secret_file_lies_beside_the_configuration_and_is_read_less_its_line_end() -> None:
    Path("etc").mkdir()
    Path("etc/key").write_text("sk-from-file\n", encoding="utf-8")
    Path("etc/p.toml").write_text("[sources.a]\napi_key = 'file:key'\n", encoding="utf-8")
    assert load(Path("etc/p.toml"), {}).sources["a"].api_key == "sk-from-file"


@pytest.mark.parametrize("form", ["'{}'", "['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', '{}']"])
@pytest.mark.parametrize("given", ["{}", "env:WORD", "file:word"])
@pytest.mark.parametrize(
    ("secret", "said"),
    [
        ("whsec_AAAA", "is 24 to 64 bytes, this one 3"),
        ("whsec_" + "Q0FOQVJZ" * 11, "is 24 to 64 bytes, this one 66"),
        ("whsec_Q0FOQVJZQ0FOQVJZQ0FOQVJZQ0FOQVJZ_", "after whsec_ a webhook secret is base64"),
        ("Q0FOQVJZQ0FOQVJZQ0FOQVJZQ0FOQVJZ", "starts with whsec_"),
    ],
)
def test_a_webhook_secret_that_is_none_is_refused_wherever_it_comes_from(
    form: str, given: str, secret: str, said: str
) -> None:
    Path("word").write_text(secret + "\n", encoding="utf-8")
    secrets = form.format(given.format(secret))
    text = f"[webhooks.w]\nurl = 'https://example.com'\nsecrets = {secrets}\n"
    Path("pricetrail.toml").write_text(text, encoding="utf-8")
    [told] = problems({"WORD": secret})
    assert told.startswith("pricetrail.toml: webhooks.w.secrets: ")
    assert said in told
    assert "openssl rand" in told
    assert secret not in told


@pytest.mark.parametrize("value", ["'{}'", "['{}']", "['*', '{}']"])
@pytest.mark.parametrize("given", ["env:WORD", "file:word"])
@pytest.mark.parametrize(
    ("kind", "key"),
    [("sources", key) for key in SOURCE] + [("webhooks", key) for key in WEBHOOK],
)
def test_no_error_repeats_a_value_that_was_read_from_elsewhere(
    kind: str, key: str, given: str, value: str
) -> None:
    secret = f"{CANARY} 'x"
    Path("word").write_text(secret, encoding="utf-8")
    needed = {"sources": {"api_key": "'k'"}, "webhooks": {"url": "'https://example.com/'"}}[kind]
    table = needed | {key: value.format(given)}
    lines = [f"[{kind}.a]", *(f"{name} = {text}" for name, text in table.items())]
    Path("pricetrail.toml").write_text("\n".join(lines), encoding="utf-8")
    for told in problems({"WORD": secret}):
        assert told.startswith(f"pricetrail.toml: {kind}.a.{key}: ")


def test_a_file_that_is_not_text_is_refused() -> None:
    Path("pricetrail.toml").write_bytes(b"\xff\xfe")
    assert "not UTF-8" in problems({})[0]
