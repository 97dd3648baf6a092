"""Whatever an event holds, its feed is well-formed and does nothing."""

import feedparser

from pricetrail.queries import events
from pricetrail.queries.feed import FeedAnswer
from pricetrail.storage.database import Database
from pricetrail.web.api.atom import Links, atom
from tests.support.histories import build, catalog, model, tokens

LINKS = Links(
    "http://x/f", "http://x/f", "http://x/f?before=1", "http://x/t", "http://x/e/{}".format, ""
)
NAMES = ("<script>alert(1)</script>", "]]>&amp;\u202e", "\x1b[31mred", "\ufffe\U0001f600", "a/b:c")


def test_names_are_inert(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    dear = tokens("0.1", "0.2", **{"<b>": {"&": "0.3", "-1": "-1"}})
    now = [model(name, dear, display_name=name * 3) for name in NAMES]
    build(database, "<s>", [("10:00", catalog(*map(model, NAMES[1:]))), ("11:00", catalog(*now))])
    found = tuple(events.ask(database).events)
    database.close()
    document = atom(FeedAnswer(found, None), LINKS)
    feed = feedparser.parse(document)
    assert feed.bozo is False
    assert len(feed.entries) == len(found) > 5
    assert b"<script" not in document
    assert "\x1b" not in document.decode()
    assert "\u202e" not in document.decode()
    assert any("/pricing/<b>/&: (absent) → 0.3 USD" in text_of(entry) for entry in feed.entries)


def test_a_condition_is_said_beside_its_path(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    before, after = (
        tokens("1", "2", tiers={"utc_1630_0030": {"text": {"prompt": price}}}) for price in "34"
    )
    build(
        database,
        "s",
        [("10:00", catalog(model("m", before))), ("11:00", catalog(model("m", after)))],
    )
    found = tuple(events.ask(database).events)
    database.close()
    feed = feedparser.parse(atom(FeedAnswer(found, None), LINKS))
    assert (
        "prompt from 16:30 to 00:30 UTC $3,000,000.00 → $4,000,000.00 /1M" in feed.entries[0].title
    )
    assert (
        "/pricing/tiers/utc_1630_0030/text/prompt (prompt from 16:30 to 00:30 UTC): 3 → 4 USD/token"
        in text_of(feed.entries[0])
    )


def text_of(entry: feedparser.FeedParserDict) -> str:
    text: str = entry.content[0].value
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def test_an_empty_feed_is_one() -> None:
    feed = feedparser.parse(atom(FeedAnswer((), None), LINKS))
    assert (feed.bozo, feed.entries, feed.feed.updated) == (False, [], "1970-01-01T00:00:00Z")
    assert [link.href for link in feed.feed.links if link.rel == "next"] == ["http://x/f?before=1"]
