"""What a snapshot says of dates of retirement, and what is no news of one."""

from typing import Any

import pytest

from pricetrail.catalog import merkle
from pricetrail.catalog.catalogs import read
from pricetrail.catalog.event_details import Heading, ModelSunset
from pricetrail.catalog.events import SUNSET, Event
from pricetrail.catalog.ignored import Ignored
from pricetrail.catalog.strict_json import dumps
from pricetrail.catalog.sunsets import reminded, reminder_event
from pricetrail.catalog.times import utc
from pricetrail.catalog.versions import NewVersion, VersionDraft, build_version
from tests.support.histories import catalog, model, tokens

DEC = "2026-12-01"
SAME = "2026-12-01T00:00:00Z"
NAMELESS = object()


def version(
    old: dict[str, Any], new: dict[str, Any], ignore: tuple[str, ...] = (), **draft: Any
) -> NewVersion:
    before, after = (read(dumps(catalog(one, model("z"))).encode()) for one in (old, new))
    drafted = VersionDraft(
        source="s",
        number=2,
        previous_hash=merkle.GENESIS,
        not_before=utc("2026-11-01T09:00:00Z"),
        not_after=utc(draft.pop("seen", "2026-11-01T10:00:00Z")),
        baseline=False,
        **draft,
    )
    return build_version(drafted, before, after, bytes(32), frozenset(), Ignored(ignore))


def said(new: NewVersion) -> list[tuple[str, list[str]]]:
    """The types of the events, and the paths of each."""
    return [
        (event.type.removeprefix("model."), [change.path for change in event.changes])
        for event in new.events
        if event.model is not None
    ]


def dated(value: object, **more: Any) -> dict[str, Any]:
    return model("m", **more) if value is NAMELESS else model("m", **more, sunset_at=value)


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        (NAMELESS, DEC, "sunset"),
        (None, DEC, "sunset"),
        ("soon", DEC, "sunset"),
        (DEC, "2027-01-01", "sunset"),
        (DEC, NAMELESS, "sunset"),
        (DEC, None, "sunset"),
        (DEC, "soon", "sunset"),
        # The same instant, and what is no date.
        (DEC, SAME, "updated"),
        ("soon", "later", "updated"),
        (NAMELESS, "soon", "updated"),
        (5, 6, "updated"),
    ],
)
def test_a_date_that_came_moved_or_went_is_told_by_itself(
    old: object, new: object, kind: str
) -> None:
    found = version(dated(old), dated(new))
    assert said(found) == [(kind, ["/sunset_at"])]
    assert found.counts == {"added": 0, "removed": 0, "repriced": 0, "updated": 1}


def test_other_changes_of_the_model_are_told_beside_it() -> None:
    new = dated(DEC, pricing=tokens("9", "9"), display_name="New")
    found = version(model("m"), {**new, "sunset": DEC})
    assert said(found) == [
        ("repriced", ["/pricing/text/completion", "/pricing/text/prompt"]),
        ("updated", ["/display_name", "/sunset"]),
        ("sunset", ["/sunset_at"]),
    ]
    # A model counts once, whatever of it was updated.
    assert found.counts == {"added": 0, "removed": 0, "repriced": 1, "updated": 1}


def test_what_is_ignored_is_told_neither_way() -> None:
    assert said(version(model("m"), dated(DEC), ("/sunset_at",))) == []


def sunset(old: object, new: object) -> Event:
    found = version(dated(old), dated(new))
    [event] = [event for event in found.events if event.model is not None]
    return event


def test_its_message_says_the_dates_and_how_long_that_is() -> None:
    data: Any = sunset(DEC, "2026-11-08T12:00:00+01:00").payload()
    assert data["model"] == {"id": "m", "display_name": "M", "type_target": "openai"}
    assert data["direction"] == "none"
    assert data["changes"] == [
        {
            "path": "/sunset_at",
            "unit": None,
            "old": DEC,
            "new": "2026-11-08T12:00:00+01:00",
            "percent": None,
        }
    ]
    assert data["sunset"] == {
        "at": "2026-11-08T11:00:00Z",
        "previous": "2026-12-01T00:00:00Z",
        "days_left": 7,
        "reminder": 0,
    }
    assert data["snapshot"]["version"] == 2
    gone: Any = sunset(DEC, NAMELESS).payload()
    assert gone["sunset"] == {
        "at": None,
        "previous": "2026-12-01T00:00:00Z",
        "days_left": None,
        "reminder": 0,
    }


def test_ids_rest_on_what_happened_and_not_on_when_it_was_seen() -> None:
    first = version(model("m"), dated(DEC))
    later = version(model("m"), dated(DEC), seen="2026-11-05T10:00:00Z")
    assert [event.id for event in first.events] == [event.id for event in later.events]
    assert first.events[0].payload()["sunset"] != later.events[0].payload()["sunset"]
    assert sunset(NAMELESS, DEC).id != sunset(NAMELESS, "2026-12-02").id
    assert sunset(NAMELESS, DEC).id != sunset(None, DEC).id


def test_before_there_were_such_events_the_field_was_like_any_other() -> None:
    new = dated(DEC, display_name="New")
    found = version(model("m"), new, sunsets=False)
    assert said(found) == [("updated", ["/display_name", "/sunset_at"])]
    assert found.counts == version(model("m"), new).counts
    # The chain does not know of events.
    assert found.version == version(model("m"), new).version


def test_a_new_model_tells_of_its_date_in_its_document() -> None:
    found = version(model("a"), dated(DEC))
    assert [kind for kind, _ in said(found)] == ["added", "removed"]


def test_a_reminder_says_the_date_again_and_its_id_is_that_of_the_date() -> None:
    heading, at = Heading("m", "M", "openai"), utc("2026-11-24T10:00:00Z")
    details = reminded(heading, utc(DEC), at, 7)
    assert details == ModelSunset(heading, (), utc(DEC), None, 7, 7)
    event = reminder_event("s", 3, bytes(32), "old", details, at)
    # An id that was sent once is never another.
    name = "evt_572f8337af781ee07c90573112830c00fdc317ce"
    assert event == Event(name, "s", 3, 2_000_000, SUNSET, "m", at, details, bytes(32))
    later = reminder_event("t", 4, bytes(32), "old", details, utc("2026-11-25"))
    assert later.id == name
    dateless = ModelSunset(heading, (), None, None, None, 7)
    other = reminder_event("s", 3, bytes(32), "old", dateless, at)
    assert other.id == "evt_cf97ec1461380ab858799944d7d5084e5296f079"
