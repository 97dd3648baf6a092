"""The tools: the answer of each command, what it rests on, and pages that lose nothing."""

from itertools import chain
from pathlib import Path

import pytest

from pricetrail.mcp.paging import BUDGET
from pricetrail.mcp.questions import MOST_SOURCES
from tests.pricetrail.commands.running import document
from tests.pricetrail.mcp.asking import MORE, Asked
from tests.support.histories import build, catalog, model

AT = "2026-03-01T02:30:00Z"
# Each tool with its arguments, and the command that asks the same.
SAME: list[tuple[str, dict[str, object], list[str]]] = [
    ("price", {"model": "gpt-5"}, ["price", "gpt-5"]),
    (
        "price",
        {"model": "gpt-5", "at": AT, "field": "text.prompt", "source": "s"},
        ["price", "gpt-5", "--at", AT, "--field", "text.prompt"],
    ),
    ("models", {"at": "2026-03-01T02:00:00Z"}, ["models", "--at", "2026-03-01T02:00:00Z"]),
    ("history", {"model": "gpt-5"}, ["history", "gpt-5"]),
    (
        "history",
        {"model": "gpt-5", "field": "/pricing/text"},
        ["history", "gpt-5", "--field", "text"],
    ),
    ("compare", {"model": "gpt-5", "sources": ["s"]}, ["compare", "gpt-5", "--source", "s"]),
    (
        "compare",
        {"model": "gpt-5", "at": AT, "field": "text"},
        ["compare", "gpt-5", "--at", AT, "--field", "text"],
    ),
    ("diff", {"from": "baseline", "to": "11"}, ["diff", "baseline", "11"]),
    ("diff", {}, ["diff", "latest~1", "latest"]),
    ("events", {}, ["events"]),
    (
        "events",
        {"types": ["model.repriced"], "model": "gpt-*", "since": AT},
        ["events", "--type", "model.repriced", "--model", "gpt-*", "--since", AT],
    ),
    ("snapshots", {}, ["snapshots"]),
    ("coverage", {}, ["coverage"]),
    ("verify", {}, ["verify"]),
    ("head", {}, ["head"]),
    ("sources", {}, ["sources", "list"]),
]


def test_each_tool_answers_as_its_command_does(asked_on_both: Asked) -> None:
    head = document("head")
    for tool, arguments, command in SAME:
        answer = asked_on_both.answer(tool, **arguments)
        own = {name: part for name, part in answer.items() if name not in MORE}
        assert own == document(*command), command
        [basis] = answer["basis"]
        assert basis["head"] == {"version": head["version"], "head": head["head"]}, command
        assert answer.get("next") is None, command


@pytest.mark.parametrize(
    ("moment", "certainty"),
    [
        (None, "observed"),
        ("2026-03-01T02:00:00Z", "observed"),
        (AT, "bracketed"),
        ("2026-03-01T05:30:00Z", "gap"),
        ("2026-03-02", "gap"),
    ],
)
def test_prices_and_models_are_as_certain_as_the_time_asked(
    asked: Asked, moment: str | None, certainty: str
) -> None:
    given = {} if moment is None else {"at": moment}
    price = asked.answer("price", model="gpt-5", **given)
    models = asked.answer("models", **given)
    assert price["certainty"] == price["basis"][0]["certainty"] == certainty
    assert models["basis"][0]["certainty"] == certainty
    assert models["basis"][0]["until"] == price["at"]


def test_a_price_may_be_more_certain_than_the_catalog(asked: Asked) -> None:
    steady = asked.answer("price", model="steady", at=AT)
    assert steady["basis"][0]["certainty"] == "observed"
    assert asked.answer("models", at=AT)["basis"][0]["certainty"] == "bracketed"


def test_lists_rest_on_the_time_that_they_are_about(asked: Asked) -> None:
    [whole] = asked.answer("history", model="steady")["basis"]
    assert (whole["certainty"], whole["why"]) == ("gap", "503 from the gateway")
    assert (whole["from"], whole["until"]) == ("2026-03-01T00:00:00Z", "2026-03-01T11:00:00Z")
    [some] = asked.answer("events", since="2026-03-01T07:00:00Z", until="2026-03-01T08:00:00Z")[
        "basis"
    ]
    assert (some["certainty"], some["observed_percent"]) == ("bracketed", "0.00")
    [between] = asked.answer("diff", **{"from": "4", "to": "6"})["basis"]
    assert (between["from"], between["until"]) == ("2026-03-01T03:00:00Z", "2026-03-01T06:00:00Z")


PAGED: list[tuple[str, dict[str, object], list[str]]] = [
    ("models", {"at": "2026-03-01T02:00:00Z"}, ["data"]),
    ("history", {"model": "gpt-5"}, ["events"]),
    ("diff", {"from": "1", "to": "latest"}, ["added", "removed", "repriced", "updated"]),
    ("events", {}, ["events"]),
    ("events", {"model": "gpt-*", "types": ["model.repriced"]}, ["events"]),
    ("snapshots", {}, ["snapshots"]),
    ("coverage", {}, ["stretches", "gaps"]),
]


def test_pages_skip_and_repeat_nothing_while_polls_go_on(asked: Asked) -> None:
    for day, (tool, arguments, members) in enumerate(PAGED, 2):
        whole = asked.answer(tool, **arguments, limit=200)
        assert whole["next"] is None
        pages = [asked.answer(tool, **arguments, limit=2)]
        polled = (f"2026-03-{day:02}", catalog(model(f"later{day}")))
        build(asked.app.database(), "s", [polled])
        while cursor := pages[-1]["next"]:
            pages.append(asked.answer(tool, **arguments, limit=2, cursor=cursor))
        in_order = pages if tool in ("models", "diff") else pages[::-1]
        for member in members:
            assert list(chain(*(page[member] for page in in_order))) == whole[member], tool
        # What a cursor cannot part stays together: a version's changes, what begins at one time.
        sizes = [sum(len(page[member]) for member in members) for page in pages]
        assert len(pages) > 1
        assert 1 <= min(sizes) <= max(sizes) <= 4


def test_the_difference_with_the_latest_stays_the_one_of_the_first_page(asked: Asked) -> None:
    first = asked.answer("diff", **{"from": "1"}, limit=1)
    build(asked.app.database(), "s", [("20:00", catalog(model("another")))])
    second = asked.answer("diff", **{"from": "1"}, limit=1, cursor=first["next"])
    assert second["to"] == first["to"]
    assert second["counts"] == first["counts"]
    assert asked.answer("diff", **{"from": "1"})["to"] != first["to"]


def test_models_are_found_by_a_glob(asked: Asked) -> None:
    found = asked.answer("models", model="*e*", at="2026-03-01T02:00:00Z")
    assert ([one["id"] for one in found["data"]], found["total"]) == (["steady"], 1)
    assert asked.answer("models", model="x*") == found | {
        "data": [],
        "total": 0,
        "basis": asked.answer("models")["basis"],
    }


@pytest.mark.parametrize("tool", ["events", "history", "snapshots", "coverage", "diff", "models"])
def test_a_cursor_of_another_tool_is_refused_or_shows_nothing_wrong(
    asked: Asked, tool: str
) -> None:
    arguments = {"model": "gpt-5"} if tool == "history" else {}
    if tool == "models":
        # Any name has a place in the order of names.
        assert asked.answer(tool, cursor="zzz")["data"] == []
    else:
        said = asked.refused(tool, **arguments, cursor="nowhere")
        assert "'nowhere' is no" in said or "'nowhere' is none" in said


def test_a_long_answer_ends_where_a_context_would(asked_empty: Asked) -> None:
    long = {f"note_{number}": "x" * 900 for number in range(10)}
    models = [model(f"m{number:02}", None, **long) for number in range(30)]
    build(asked_empty.app.database(), "s", [("10:00", catalog(*models))])
    later = [model(f"n{number:02}", None, **long) for number in range(30)]
    build(asked_empty.app.database(), "s", [("11:00", catalog(*later))])
    pages = asked_empty.pages("models")
    assert [one["id"] for page in pages for one in page["data"]] == [one["id"] for one in later]
    events = asked_empty.pages("events")
    assert sum(len(page["events"]) for page in events) == 60
    for page in (*pages, *events):
        assert len(str(page)) < BUDGET * 1.1
        assert 1 < len(page.get("data") or page["events"]) < 6


class TestSeveralSources:
    """Each answer is about one source, but for what happened."""

    @pytest.fixture
    def several(self, asked_empty: Asked) -> Asked:
        for name in ("b", "a", "c"):
            build(asked_empty.app.database(), name, [("10:00", catalog(model("x")))])
            build(asked_empty.app.database(), name, [("11:00", catalog(model("y")))])
        return asked_empty

    def test_one_must_be_named(self, several: Asked) -> None:
        assert several.refused("price", model="x") == (
            "there are several sources: name one with `source` (a, b, c)"
        )
        assert several.answer("head", source="b")["source"] == "b"
        assert "no source 'd' here" in several.refused("head", source="d")

    def test_what_happened_is_told_of_all_each_with_its_basis(self, several: Asked) -> None:
        answer = several.answer("events")
        assert len(answer["events"]) == 6
        assert [basis["source"] for basis in answer["basis"]] == ["a", "b", "c"]
        assert [one["source"] for one in several.answer("events", source="b")["basis"]] == ["b"]

    def test_they_are_compared_each_with_its_basis_in_pages(self, several: Asked) -> None:
        for name, models in {"a": [model("y"), model("z")], "b": [model("z")]}.items():
            build(several.app.database(), name, [("12:00", catalog(*models))])
        whole = several.answer("compare")
        assert {key: whole[key] for key in ("at", "models")} == document("compare")
        assert [basis["source"] for basis in whole["basis"]] == ["a", "b", "c"]
        first, second = several.pages("compare", limit=1)
        assert [*first["models"], *second["models"]] == whole["models"]
        assert several.answer("compare", sources=["c", "b"])["models"] == []

    def test_they_are_listed_in_pages(self, several: Asked) -> None:
        first, second = several.pages("sources", limit=2)
        assert [one["name"] for one in first["sources"]] == ["a", "b"]
        assert [one["name"] for one in second["sources"]] == ["c"]
        assert [basis["source"] for basis in second["basis"]] == ["c"]

    def test_they_have_the_labels_of_the_configuration(self, several: Asked) -> None:
        labels = '[sources.b]\napi_key = "env:MISSING"\nlabels = { team = "search" }\n'
        Path("pricetrail.toml").write_text(labels, encoding="utf-8")
        listed = several.answer("sources")["sources"]
        assert [one["labels"] for one in listed] == [{}, {"team": "search"}, {}]

    def test_of_too_many_one_must_be_named(self, several: Asked) -> None:
        for number in range(MOST_SOURCES):
            build(several.app.database(), f"s{number}", [("10:00", catalog(model("x")))])
        assert several.refused("events").startswith("there are 23 sources: name one")
        assert several.answer("events", source="a")["events"]
        assert several.refused("compare").startswith("there are 23 sources: name some")
        assert several.answer("compare", sources=["a", "b"])["models"]


def test_a_saved_head_is_found(asked: Asked) -> None:
    head = asked.answer("head")["head"]
    build(asked.app.database(), "s", [("20:00", catalog(model("another")))])
    answer = asked.answer("verify", head=head)
    assert (answer["ok"], answer["saved_head"]["found_at_version"]) == (True, 11)
    assert not asked.answer("verify", head=f"sha256:{'0' * 64}")["ok"]


def test_nothing_recorded_is_said_with_what_to_do(asked_empty: Asked) -> None:
    for tool, arguments in {"price": {"model": "x"}, "head": {}, "events": {}}.items():
        said = asked_empty.refused(tool, **arguments)
        assert said == "nothing recorded yet: run `pricetrail poll` or `pricetrail import`"
    assert asked_empty.answer("sources") == {"sources": [], "total": 0, "basis": [], "next": None}
