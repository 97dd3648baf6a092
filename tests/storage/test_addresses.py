"""A database's URL: what is accepted, what is refused, and what is ever shown of it."""

import re
from urllib.parse import quote

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine

from pricetrail.catalog.errors import exit_code
from pricetrail.storage import postgres
from pricetrail.storage.addresses import masked, parse, safe_url
from pricetrail.storage.database import Database
from pricetrail.storage.errors import DatabaseUnavailableError, DatabaseUrlError
from tests.support.postgres import Postgres
from tests.support.volume import examples

CANARY = "canary-0b5e71"


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("sqlite:///pricetrail.db", "sqlite:///pricetrail.db"),
        ("sqlite:////var/lib/a b=c.db", "sqlite:////var/lib/a b=c.db"),
        ("sqlite://", "sqlite://"),
        (f"postgresql://me:{CANARY}@db.internal:5432/prices", "postgresql://db.internal/prices"),
        (f"postgresql+psycopg://{CANARY}@db/prices", "postgresql+psycopg://db/prices"),
        (f"postgresql+psycopg://me:p/{CANARY}@db/p", "postgresql+psycopg://db/p"),
        (f"postgresql+psycopg://[::1]:5432/p?password={CANARY}", "postgresql+psycopg://[::1]/p"),
        (f"postgresql://db/p?user={CANARY}&sslpassword={CANARY}", "postgresql://db/p"),
        (f"postgresql:///p?host=/run/pg&passfile=/{CANARY}", "postgresql:///p"),
        (f"postgresql://db/p?options=-cx%3D{CANARY}&sslmode=require", "postgresql://db/p"),
        (f"postgresql://db?password={CANARY}", "postgresql://db/"),
        (f"postgresql://me:{CANARY}@one:5432,two/prices", "postgresql://one,two/prices"),
        (f"postgresql://me:{CANARY}@[::1]:5432,two", "postgresql://[::1],two/"),
        (f"postgresql://me:{CANARY}@/p?host=one:1&host=two:2", "postgresql://one,two/p"),
        (f"postgresql:///p?host=one,two&port=1,2&user={CANARY}", "postgresql://one,two/p"),
    ],
)
def test_scheme_host_and_name_alone_are_shown(url: str, told: str) -> None:
    assert safe_url(url) == told
    assert Database(url).safe_url == told


REFUSED = [
    "nonsense",
    "",
    " ",
    "sqlite",
    "sqlite:/x.db",
    "sqlite://pricetrail.db",
    "sqlite:///x.db\n",
    " sqlite:///x.db",
    f"sqlite:///x.db?key={CANARY}",
    f"sqlite+pysqlcipher://:{CANARY}@/x.db",
    f"sqlite+aiosqlite:///{CANARY}",
    f"postgres://me:{CANARY}@db/p",
    f"mysql://me:{CANARY}@db/p",
    f"postgresql+psycopg2://me:{CANARY}@db/p",
    f"postgresql+psycopg_async://me:{CANARY}@db/p",
    f"postgresql+none://me:{CANARY}@db/p",
    f"postgresql+psycopg://me:{CANARY}@db:port/p",
    f"postgresql+psycopg://me:{CANARY}@db:99999/p",
    f"postgresql+psycopg://me:{CANARY}@db:0/p",
    f"postgresql+psycopg://me:{CANARY}@db:5432,other:99999/p",
    f"postgresql+psycopg://me:{CANARY}@db:5432,/p",
    f"postgresql+psycopg://me:{CANARY}@db:port,other:1/p",
    f"postgresql+psycopg://me:{CANARY}@db,other/p?host=third",
    f"postgresql+psycopg://me:{CANARY}@::1/p",
    f"postgresql+psycopg://me:{CANARY}@[::1/p",
    f"postgresql+psycopg://me:{CANARY}@{CANARY}@db/p",
    f"postgresql+psycopg://me:{CANARY}:5@{CANARY}/x@db/p",
    f"postgresql+psycopg://m/e:{CANARY}@db/p",
    f"postgresql+psycopg://me:{CANARY} x@d b/p",
    f"postgresql+psycopg://db:5432/p?password=a@{CANARY}",
    f"postgresql+psycopg://db/p?pasword={CANARY}",
    f"postgresql+psycopg://db/p?prepare_threshold={CANARY}",
    f"postgresql+psycopg://db/p?a=1&{CANARY}=1",
    f"postgresql+psycopg://db/dbname=p password={CANARY}",
]


@pytest.mark.parametrize("url", REFUSED)
def test_another_url_is_refused_in_one_line_that_repeats_nothing(url: str) -> None:
    with pytest.raises(DatabaseUrlError) as refusal:
        Database(url)
    told = str(refusal.value)
    assert exit_code(refusal.value) == 2
    assert CANARY not in told
    assert "\n" not in told
    assert told.startswith("database_url ")


@pytest.mark.parametrize(
    ("url", "hosts", "ports", "wanted"),
    [
        ("me:s%40,c@one:5432,two:5433/p", "one,two", "5432,5433", "read-write"),
        ("one,two:5433/p?sslmode=require", "one,two", ",5433", "read-write"),
        ("[::1]:5432,[::2]:5433/p?target_session_attrs=any", "::1,::2", "5432,5433", "any"),
        ("/p?host=one:5432&host=two:5433", "one,two", "5432,5433", "read-write"),
        ("/p?host=one,two&port=5432,5433", "one,two", "5432,5433", "read-write"),
        ("me:a,b@one:5432/p", "one", 5432, None),
        ("/p?host=/run/one,/run/two", "/run/one,/run/two", ",", None),
    ],
)
def test_several_hosts_reach_the_driver_in_their_order(
    url: str, hosts: str, ports: object, wanted: str | None
) -> None:
    """Of several the one that can be written to is meant, unless the URL says otherwise."""
    parts = postgres.connect_url(parse(f"postgresql+psycopg://{url}"))
    engine = create_engine(parts, connect_args=postgres.connect_args(parts))
    made = dict(engine.dialect.create_connect_args(parts)[1]) | postgres.connect_args(parts)
    assert (made["host"], made["port"], made["dbname"]) == (hosts, ports, "p")
    assert made.get("target_session_attrs") == wanted


def test_an_option_of_a_file_that_is_not_valid_is_told() -> None:
    with pytest.raises(DatabaseUrlError, match="an option that is not valid"):
        _ = Database(f"sqlite:///file:x.db?uri={CANARY}").engine


@given(st.text(max_size=60) | st.from_regex(r"(postgresql|sqlite)(\+[a-z]+)?:/?/?/?[!-~]{0,40}"))
def test_no_url_ends_in_anything_but_an_answer(url: str) -> None:
    try:
        told = safe_url(url)
    except DatabaseUrlError:
        return
    assert "?" not in told
    assert told.startswith(("sqlite", "postgresql"))


# Each one makes patterns for all the notations of four values.
@settings(max_examples=examples(15))
@given(st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=3, max_size=20))
def test_a_password_in_a_drivers_text_is_masked(password: str) -> None:
    password = f"{password}~{CANARY}"
    for url in (
        f"postgresql://me:{quote(password, safe='')}@db/p",
        f"postgresql://db/p?user=me&password={quote(password, safe='')}",
    ):
        # What psycopg may repeat: the connection string that it made of the parts.
        made = psycopg.conninfo.make_conninfo(host="db", password=password)
        assert CANARY not in masked(url, f'invalid connection string "{made}"')
        assert "me" not in masked(url, 'password authentication failed for user "me"')


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (f"sslmode={CANARY}", "an option that Postgres refuses"),
        (f"connect_timeout={CANARY}", "cannot reach"),
        (f"port={CANARY}", "an option that is not valid: check what stands"),
        (f"host=a&host=b&port={CANARY}", "an option that is not valid"),
        (f"options=-c {CANARY}=1", "database refused|cannot reach"),
    ],
)
def test_a_value_that_postgres_refuses_is_not_repeated(
    postgres_server: Postgres, options: str, said: str
) -> None:
    url = f"postgresql+psycopg://postgres@127.0.0.1:{postgres_server.port}/none?{options}"
    with pytest.raises((DatabaseUrlError, DatabaseUnavailableError)) as refusal:
        Database(url).now()
    assert re.search(said, str(refusal.value))
    assert CANARY not in str(refusal.value)
