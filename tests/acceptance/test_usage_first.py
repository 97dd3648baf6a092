"""A question that cannot be asked is refused as such, also where there is no database yet."""

from pathlib import Path

import pytest

from tests.pricetrail.commands.running import refused, run

OPEN = "0.0.0.0 can be reached by others, and no token is set"
OWN = "/static is a page's own path"
REVISION = "'x' is not a version"


@pytest.mark.parametrize(
    ("command", "why"),
    [
        ("web --host 0.0.0.0", OPEN),
        ("web --root-path /static", OWN),
        ("run --web --host 0.0.0.0", OPEN),
        ("run --web --root-path /static", OWN),
        ("audit missing.csv", "cannot read missing.csv"),
        ("whatif missing.csv --swap a=b", "cannot read missing.csv"),
        ("usage import missing.csv", "cannot read missing.csv"),
        ("events --type x", "unknown event type 'x'"),
        ("deliveries list --state x", "unknown state 'x'"),
        ("deliveries retry", "name deliveries by their ids"),
        ("diff x latest", REVISION),
        ("diff 1 x", REVISION),
        ("snapshots show x", REVISION),
        ("coverage --month x", "'x' is not a month"),
        ("verify --head x", "'x' is not a head"),
        ("export --at 2026-03-01", "--at goes with --as"),
        ("export observations --format csv", "observations are whole catalogs"),
        ("db prune", "say what to delete"),
        ("webhooks backtest x", "no webhook 'x' is configured"),
        ("poll x", "no source 'x' is configured"),
    ],
)
def test_what_is_wrong_with_the_question_comes_first(
    monkeypatch: pytest.MonkeyPatch, command: str, why: str
) -> None:
    monkeypatch.setenv("PIPELLM_API_KEY", "k")
    assert why in refused(2, *command.split())
    assert not list(Path().iterdir())


def test_only_then_is_a_database_missed() -> None:
    code, _, err = run("events", "--type", "model.added")
    assert (code, "no database yet" in err) == (3, True)
