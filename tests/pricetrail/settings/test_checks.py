"""Every problem of a file at once, and every warning."""

from pathlib import Path

import pytest

from pricetrail.settings.checks import Report, check
from tests.pricetrail.commands.running import made_up_history

CANARY = "canary0b5e71"
MANY = f"""
colour = "red"
[sources.a]
api_key = "env:NOT_SET"
hold = "soon"
shedule = "every 5m"
schedule = "*/90 * * * *"
[sources.b]
api_key = "{CANARY} x"
[web]
prot = 80
tokens = {{ team = "{CANARY[:5]}" }}
[webhooks.chat]
url = "https://hooks.slack.com/services/{CANARY}"
sources = ["nosuch"]
[webhooks.billing]
url = "https://billing.example.com/{CANARY}"
secrets = ["{CANARY}"]
min_percent = "{CANARY}"
models = []
fields = ["txt.*"]
[webhook.misspelt]
url = "{CANARY}"
"""


def checked(text: str, environ: dict[str, str] | None = None, *, secrets: bool = True) -> Report:
    Path("pricetrail.toml").write_text(text, encoding="utf-8")
    return check(None, environ or {}, secrets=secrets)


def test_a_file_with_a_dozen_mistakes_is_told_at_once() -> None:
    report = checked(MANY)
    assert [problem.key for problem in report.errors] == [
        *("colour", "webhook", "sources.a.api_key", "sources.a.hold", "sources.a.shedule"),
        *("sources.a.schedule", "sources.b.api_key", "webhooks.chat.format"),
        *("webhooks.billing.min_percent", "webhooks.billing.secrets", "web.prot"),
        *("web.tokens.team", "webhooks.chat.sources"),
    ]
    warned = [problem.key for problem in report.warnings]
    assert warned == ["webhooks.billing.models", "webhooks.billing.fields"]
    lines = [str(problem) for problem in (*report.errors, *report.warnings)]
    assert all(line.startswith("pricetrail.toml: ") for line in lines)
    assert CANARY not in "".join(lines)
    document = report.as_json()
    errors = document["errors"]
    assert isinstance(errors, list)
    assert [it["line"] for it in errors[:6]] == [2, None, 4, 5, 6, 7]
    assert document["ok"] is False


def test_without_secrets_only_the_rest_is_told() -> None:
    report = checked(MANY, secrets=False)
    keys = {problem.key for problem in report.errors}
    assert "sources.a.hold" in keys
    assert not keys & {"sources.a.api_key", "sources.b.api_key", "web.tokens.team"}
    assert "webhooks.billing.secrets" not in keys


def test_variables_that_a_file_keeps_from_being_read_are_a_warning() -> None:
    environ = {
        "PRICETRAIL_URL": "https://x.example/v1",
        "PRICETRAIL_HOLD": "1h",
        "PRICETRAIL_WEB_PORT": "80",
        "PRICETRAIL_SCHEDULE": "",
        "PRICETRAIL_SERVICE_HOST": "10.0.0.1",
        "PRICETRAIL_DATABASE_URL": "sqlite:///p.db",
    }
    report = checked('[sources.s]\napi_key = "k"\nhold = "env:PRICETRAIL_HOLD"\n', environ)
    assert not report.errors
    assert [problem.key for problem in report.warnings] == ["PRICETRAIL_URL", "PRICETRAIL_WEB_PORT"]
    assert "is not read, as there is this file" in str(report.warnings[0])
    Path("pricetrail.toml").unlink()
    assert check(None, environ | {"PIPELLM_API_KEY": "k"}).warnings == ()


def test_a_good_file_is_ok_and_the_environment_too() -> None:
    good = '[sources.a]\napi_key = "env:KEY"\n[webhooks.w]\nurl = "https://h.example.com/"\n'
    report = checked(good, {"KEY": "k"})
    assert (report.errors, report.warnings) == ((), ())
    assert (report.sources, report.webhooks) == (1, 1)
    assert report.as_json()["ok"] is True
    Path("pricetrail.toml").unlink()
    report = check(None, {"PIPELLM_API_KEY": "k", "PRICETRAIL_HOLD": "soon"})
    assert [str(it) for it in report.errors] == [
        "the environment: PRICETRAIL_HOLD: not a duration: write 90s, 15m, 1h or 2d"
    ]


@pytest.mark.parametrize(
    ("text", "place"), [("a = 1\n[[", (2, 3)), ("[web]\n[web]\n", (2, 5)), ('a = "x', (1, 7))]
)
def test_a_file_that_is_no_toml_has_one_error_with_its_place(
    text: str, place: tuple[int, int]
) -> None:
    report = checked(text)
    [problem] = report.errors
    assert problem.place == place
    assert report.as_json()["errors"] == [
        {"key": None, "line": place[0], "column": place[1], "problem": problem.text}
    ]


@pytest.mark.parametrize(
    ("url", "said"),
    [("", "database_url: write it as"), ("mysql://x", "database_url: is not one that pricetrail")],
)
def test_a_database_that_is_none_is_told_with_the_rest(url: str, said: str) -> None:
    report = checked(f'database_url = "{url}"\n[web]\nprot = 1\n')
    assert len(report.errors) == 2
    assert said in str(report.errors[0])


def test_the_database_knows_further_sources_and_models() -> None:
    made_up_history()
    hook = '[webhooks.w]\nurl = "https://h.example.com/"\n'
    known = 'sources = ["s"]\nmodels = ["gpt-*", "old"]\ntype_targets = ["openai"]\n'
    report = checked(hook + known)
    assert (report.errors, report.warnings) == ((), ())
    report = checked(hook + 'sources = ["t"]\nmodels = ["gtp-*"]\ntype_targets = ["opnai"]\n')
    assert [problem.key for problem in report.errors] == ["webhooks.w.sources"]
    assert [problem.key for problem in report.warnings] == [
        "webhooks.w.models",
        "webhooks.w.type_targets",
    ]


def test_a_database_that_cannot_be_asked_is_a_warning_and_so_are_unknown_sources() -> None:
    Path("p.db").write_bytes(b"\0" * 5000)
    hook = '[webhooks.w]\nurl = "https://h.example.com/"\nsources = ["t"]\n'
    report = checked(f'database_url = "sqlite:///p.db"\n{hook}')
    assert report.errors == ()
    assert [it.key for it in report.warnings] == ["database_url", "webhooks.w.sources"]
    assert "cannot be asked" in report.warnings[0].text


def test_checking_makes_no_database() -> None:
    checked('[webhooks.w]\nurl = "https://h.example.com/"\n')
    assert [path.name for path in Path().iterdir()] == ["pricetrail.toml"]
