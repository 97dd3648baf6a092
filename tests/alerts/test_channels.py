"""The registry of formats, and what a webhook is checked for at start."""

from decimal import Decimal

import pytest

from pricetrail.alerts.channels import CHANNELS, channel_of, render
from pricetrail.alerts.checks import check
from pricetrail.alerts.report import Context
from pricetrail.alerts.sample_events import sample_events
from pricetrail.alerts.webhooks import FORMATS, PROGRAMS, SIGNED, WebhookError
from pricetrail.catalog import source_events
from tests.alerts.made import AT, NASTY, START, added, blip, hook, many, repriced

PEOPLES = [name for name in CHANNELS if name not in PROGRAMS]


def test_the_formats_are_those_of_the_contract() -> None:
    assert list(CHANNELS) == [*FORMATS]
    assert list(CHANNELS) == [
        *("json", "cloudevents", "alertmanager"),
        *("slack", "discord", "teams", "apprise"),
    ]


def test_an_unknown_format_is_refused_with_those_there_are() -> None:
    with pytest.raises(
        WebhookError, match="must be one of json, cloudevents, alertmanager, slack,"
    ):
        channel_of("telegraph")


@pytest.mark.parametrize("name", PEOPLES)
@pytest.mark.parametrize("batch", [1, 9, 1000])
def test_people_get_one_message_whatever_happened(name: str, batch: int) -> None:
    assert len(render(hook(name), many(batch))) == 1


@pytest.mark.parametrize("name", PEOPLES)
def test_a_digest_of_many_snapshots_is_one_message_too(name: str) -> None:
    events = [
        repriced("gpt-5", ("text/prompt", "1", "2"), version=version, source=source)
        for version in range(1, 20)
        for source in ("pipellm", "other")
    ]
    [message] = render(hook(name), events)
    assert "in 38 snapshots" in message.body.decode()


@pytest.mark.parametrize("name", PEOPLES)
def test_blips_alone_are_one_message_with_an_id_of_their_own(name: str) -> None:
    context = Context(blips=(blip("gpt-5"), blip("grok-4")))
    [message] = render(hook(name), [], context)
    assert "went and came back" in message.body.decode()
    assert render(hook(name), [], context) == [message]
    [other] = render(hook(name), [], Context(blips=(blip("gpt-5"),)))
    assert other.webhook_id != message.webhook_id


@pytest.mark.parametrize("name", PEOPLES)
def test_costs_are_said_where_they_are_known(name: str) -> None:
    [event, *_] = sample_events()
    [message] = render(hook(name), [event], Context(costs={event.id: Decimal(412)}))
    assert "about +$412 a month" in message.body.decode()


def test_programs_are_not_told_of_blips() -> None:
    for name in PROGRAMS:
        assert render(hook(name), [], Context(blips=(blip(),))) == []


@pytest.mark.parametrize("name", CHANNELS)
def test_nothing_to_tell_is_no_message(name: str) -> None:
    assert render(hook(name), []) == []


@pytest.mark.parametrize("name", CHANNELS)
@pytest.mark.parametrize("nasty", NASTY)
def test_every_body_is_utf8_json_whatever_a_model_is_called(name: str, nasty: str) -> None:
    for message in render(hook(name), [repriced(nasty, ("text/prompt", "1", "2"))]):
        assert message.body.decode().startswith("[" if name == "alertmanager" else "{")
        assert b"\x1b" not in message.body
        assert b"\n" not in message.body


@pytest.mark.parametrize("name", ["json", "slack", "discord", "teams"])
@pytest.mark.parametrize(
    "url", ["http://127.0.0.1/x", "ftp://x.example/", "https://u:p@x.example/"]
)
def test_a_url_that_can_never_work_is_refused_at_start(name: str, url: str) -> None:
    with pytest.raises(WebhookError, match=r"^url: refused: ") as caught:
        check(hook(name, url=url))
    assert caught.value.key == "url"
    assert url not in str(caught.value)


def test_a_setting_that_cannot_be_used_is_refused_at_start() -> None:
    with pytest.raises(WebhookError, match=r"^batch: "):
        check(hook("teams", batch=True))
    check(hook("json", batch=True))


def test_programs_alone_are_sent_signatures() -> None:
    assert [name for name, channel in CHANNELS.items() if channel.signed] == [*SIGNED]


@pytest.mark.parametrize("name", PEOPLES)
def test_people_are_told_times_in_the_zone_of_the_webhook(name: str) -> None:
    failing = source_events.failing("s", 3, at=AT, since=START, failures=3, error="HTTP 503")
    events = [added("a"), added("b", version=1843), failing]
    [message] = render(hook(name, timezone="Asia/Tokyo"), events)
    told = message.body.decode()
    assert "between 18:00 and 19:00 JST on 23 Nov 2026, in 2 snapshots" in told
    assert "23 Nov 18:00–19:00 JST" in told
    assert "since 18:00 JST on 23 Nov 2026" in told
    assert "UTC" not in told
