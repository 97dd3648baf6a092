"""The demo from beginning to end, as a person sees it."""

import time
from collections.abc import Sequence

import click

from pricetrail.catalog.errors import FailedError
from pricetrail.catalog.times import rfc3339
from pricetrail.commands import history as changes
from pricetrail.commands import price
from pricetrail.context import App
from pricetrail.demo import catalog, show, story
from pricetrail.demo.receiver import CHAT, SIGNED, Post, verified
from pricetrail.demo.scene import SOURCE, Scene
from pricetrail.jobs.polls.results import Polled
from pricetrail.render import line
from pricetrail.storage import sources
from pricetrail.storage.database import Database
from pricetrail.storage.history import versions
from pricetrail.text.sums import counted

# Between two polls: long enough that each change has a window of its own to be seen in.
PAUSE = 0.2


def play(scene: Scene) -> None:
    """Tell the story poll by poll, then show the messages and ask what it cost and when."""
    _introduce(scene)
    seen = 0
    for number, (step, models) in enumerate(story.play(catalog.models()), 1):
        if number > 1:
            time.sleep(PAUSE)
        scene.gateway.catalog = models
        show.heading(f"{number}. {step.title}")
        polled = scene.poll()
        line(f"   poll: {_outcome(polled, len(models))}")
        entries = scene.log(seen)
        show.happened([event for _, event in entries])
        seen = entries[-1][0] if entries else seen
    _messages(scene)
    _answers(scene)


def _introduce(scene: Scene) -> None:
    line("pricetrail demo: a gateway, its prices and its moods. All of it is made up, and")
    line("nothing leaves this machine.")
    line()
    line(f"   gateway   {scene.gateway.url}, {counted(len(scene.gateway.catalog), 'model')}")
    line("   webhooks  one in Slack's format, one for programs, signed")


def _outcome(polled: Polled, models: int) -> str:
    match polled.outcome:
        case "changed" if polled.version == 1:
            return f"version 1, the baseline: {models} models, from here on changes are events"
        case "changed":
            return f"changed, version {polled.version}"
        case "quarantined":
            return f"quarantined, still version {polled.version}"
        case "unchanged":
            return f"unchanged, still version {polled.version}"
    return f"{polled.outcome}: {polled.error}"


def _messages(scene: Scene) -> None:
    chats, signed = scene.receiver.posts(CHAT), scene.receiver.posts(SIGNED)
    show.heading(f"Slack got {len(chats)} messages. The one of step 7, as its readers see it:")
    show.chat_message(_first(chats, "cache write"))
    show.heading(f"Programs got {len(signed)} messages, one for each event. The one of step 4:")
    cut = _first(signed, story.HERO)
    show.signed_message(cut, genuine=verified(cut, scene.secret))


def _first(posts: Sequence[Post], text: str) -> Post:
    match = next((post for post in posts if text.encode() in post.body), None)
    if match is None:
        raise FailedError("the demo's own webhooks got no message: is loopback filtered here?")
    return match


class _Opened(App):
    """For the commands that are shown: their database is the demo's."""

    def __init__(self, database: Database) -> None:
        super().__init__()
        self._opened = database

    def database(self, *, create: bool = False) -> Database:  # noqa: ARG002 - it is there
        return self._opened


def _answers(scene: Scene) -> None:
    """Ask the commands themselves."""
    with scene.database.read() as connection:
        source = sources.choose(connection, SOURCE)
        first = versions.snapshots(connection, source.id)[0].not_after
    app = _Opened(scene.database)
    _ask(app, "price", price.command, story.HERO)
    _ask(app, "price", price.command, story.HERO, "--at", rfc3339(first), "--field", "text")
    _ask(app, "history", changes.command, story.HERO)


def _ask(app: App, name: str, command: click.Command, *arguments: str) -> None:
    show.heading(f"$ pricetrail {' '.join([name, *arguments])}")
    command.main(list(arguments), standalone_mode=False, obj=app)
