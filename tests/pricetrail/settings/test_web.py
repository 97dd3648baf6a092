"""The `[web]` table, and its variables where there is no file."""

from pathlib import Path

import pytest

from pricetrail.settings.errors import SettingsError
from pricetrail.settings.web import WebSettings, load

TOKEN = "t0ken-of-the-team"
CANARY = "canary-0b5e71"


def written(text: str) -> WebSettings:
    Path("pricetrail.toml").write_text(text, encoding="utf-8")
    return load(None, {"OPS": "t0ken-of-the-ops", "BAD": f"{CANARY} with spaces"})


def refused(text: str) -> str:
    with pytest.raises(SettingsError) as refusal:
        written(text)
    said = str(refusal.value)
    assert "\n" not in said
    assert CANARY not in said
    return said


def test_every_key_is_read() -> None:
    Path("team.token").write_text(f"{TOKEN}\n", encoding="utf-8")
    settings = written("""
[web]
host = "0.0.0.0"
port = 9000
root_path = "/prices/"
allowed_hosts = ["prices.example.org"]
trusted_proxies = ["10.0.0.7", "fd00::/8"]
[web.tokens]
team = "file:team.token"
ops = "env:OPS"
""")
    assert (settings.host, settings.port, settings.root_path) == ("0.0.0.0", 9000, "/prices")
    assert settings.tokens.holder(TOKEN) == "team"
    assert settings.tokens.holder("t0ken-of-the-ops") == "ops"
    assert settings.hosts.answers_to("prices.example.org")
    assert settings.trusted_proxies == ("10.0.0.7", "fd00::/8")
    assert TOKEN not in repr(settings)


def test_without_a_table_it_is_loopback_and_open_to_it() -> None:
    settings = written("")
    assert (settings.host, settings.port, settings.root_path) == ("127.0.0.1", 8080, "")
    assert not settings.tokens
    assert settings.hosts.answers_to("localhost:8080")


def test_the_command_line_comes_first_and_its_host_is_answered() -> None:
    Path("pricetrail.toml").write_text('[web]\nhost = "::1"\nport = 1\n', encoding="utf-8")
    settings = load(None, {}, {"host": "prices.internal", "port": 2})
    assert (settings.host, settings.port) == ("prices.internal", 2)
    assert settings.hosts.answers_to("prices.internal")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("web = 3", "web: write a table [web]"),
        ("[web]\nprot = 80", "web.prot: unknown key; did you mean port?"),
        ("[web]\nport = 70000", "web.port: too large: write 65535 or less"),
        ('[web]\nroot_path = "prices"', "web.root_path: not a path: write one such as /prices"),
        ('[web]\nroot_path = "/../x"', "web.root_path: not a path"),
        ('[web]\nroot_path = "//evil.example"', "web.root_path: not a path"),
        ('[web]\nallowed_hosts = ["https://a.example"]', "web.allowed_hosts: 'https://a.example'"),
        ('[web]\ntrusted_proxies = ["*"]', "web.trusted_proxies: '*' is no address"),
        ('[web]\ntrusted_proxies = ["10.0.0.7/8"]', "web.trusted_proxies: '10.0.0.7/8'"),
        ('[web]\ntokens = { team = "short" }', "web.tokens.team: must have 8 characters"),
        ('[web]\ntokens = { team = "env:BAD" }', "web.tokens.team: must be printable ASCII"),
        ('[web]\ntokens = { team = "env:NONE" }', "web.tokens.team: the environment variable NONE"),
        ('[web]\ntokens = { team = "file:none" }', "web.tokens.team: cannot read none"),
        ('[web]\ntokens = "t0ken-of-the-team"', "web.tokens: not a table of names and values"),
        ("[web]\ntokens = { team = 5 }", "web.tokens.team: not text: write it in quotes"),
        ('[web]\nallowed_hosts = ["a", 5]', "web.allowed_hosts: entry 2: not text: write it"),
    ],
)
def test_a_mistake_is_told_with_its_key_and_the_remedy(text: str, said: str) -> None:
    assert refused(text).startswith(f"pricetrail.toml: {said}")


def test_without_a_file_variables_say_it() -> None:
    Path("a.token").write_text(TOKEN, encoding="utf-8")
    settings = load(
        None,
        {
            "PRICETRAIL_WEB_HOST": "10.0.0.1",
            "PRICETRAIL_WEB_PORT": "9000",
            "PRICETRAIL_WEB_ROOT_PATH": "/prices",
            "PRICETRAIL_WEB_ALLOWED_HOSTS": "a.example, b.example",
            "PRICETRAIL_WEB_TRUSTED_PROXIES": "10.0.0.7, 10.1.0.0/16",
            "PRICETRAIL_WEB_TOKEN": "file:a.token",
        },
    )
    assert (settings.host, settings.port, settings.root_path) == ("10.0.0.1", 9000, "/prices")
    assert settings.hosts.answers_to("b.example")
    assert settings.trusted_proxies == ("10.0.0.7", "10.1.0.0/16")
    assert settings.tokens.holder(TOKEN) == "environment"


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("PORT", "x", "PRICETRAIL_WEB_PORT: not a whole number: write one"),
        ("ROOT_PATH", "x", "PRICETRAIL_WEB_ROOT_PATH: not a path"),
        ("TOKEN", "short", "PRICETRAIL_WEB_TOKEN: must have 8 characters"),
        ("TOKEN", "", "PRICETRAIL_WEB_TOKEN: must have 8 characters"),
        ("ALLOWED_HOSTS", "a b", "PRICETRAIL_WEB_ALLOWED_HOSTS: 'a b' is no host name"),
        ("TRUSTED_PROXIES", "*", "PRICETRAIL_WEB_TRUSTED_PROXIES: '*' is no address"),
        ("TOKENS", TOKEN, "PRICETRAIL_WEB_TOKENS: unknown variable; did you mean"),
    ],
)
def test_a_mistake_in_a_variable_is_told_by_its_name(variable: str, value: str, said: str) -> None:
    with pytest.raises(SettingsError) as refusal:
        load(None, {f"PRICETRAIL_WEB_{variable}": value})
    assert str(refusal.value).startswith(f"the environment: {said}")
    assert TOKEN not in str(refusal.value)


def test_where_there_is_a_file_the_variables_say_nothing() -> None:
    Path("pricetrail.toml").write_text("[web]\nport = 1\n", encoding="utf-8")
    assert load(None, {"PRICETRAIL_WEB_PORT": "2"}).port == 1


def test_a_token_that_the_file_hides_is_refused() -> None:
    hidden = {"PRICETRAIL_WEB_TOKEN": TOKEN}
    Path("pricetrail.toml").write_text("[web]\nport = 1\n", encoding="utf-8")
    with pytest.raises(SettingsError, match="PRICETRAIL_WEB_TOKEN: is set, but read only") as told:
        load(None, hidden)
    assert TOKEN not in str(told.value)
    table = '[web]\ntokens = { team = "env:PRICETRAIL_WEB_TOKEN" }\n'
    Path("pricetrail.toml").write_text(table, encoding="utf-8")
    assert load(None, hidden).tokens
