"""Which names a server answers to."""

import pytest

from pricetrail.catalog.errors import InvalidInputError
from pricetrail.web.access.hosts import Hosts, is_loopback


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "127.0.0.1:8080", "127.8.9.1", "localhost", "LocalHost:1", "localhost."),
        *("[::1]", "[::1]:8080", "[0:0:0:0:0:0:0:1]"),
    ],
)
def test_loopback_answers_to_its_own_names(host: str) -> None:
    assert Hosts("127.0.0.1").answers_to(host)


@pytest.mark.parametrize(
    "host",
    [
        *("", "evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "10.0.0.7"),
        *("127.0.0.1@evil.example", "evil.example#127.0.0.1", "localhost:80:80", "localhost:x"),
        *("[::1", "::1", "[evil.example]", "localhost, evil.example", " localhost", "localhost\t"),
        *(
            "localhost:999999",
            "http://localhost",
            "localhost/",
            "[::1]evil.example",
            "lo\u212aalhost",
        ),
    ],
)
def test_loopback_answers_to_nothing_else(host: str) -> None:
    assert not Hosts("127.0.0.1").answers_to(host)


def test_a_server_that_others_reach_answers_to_any_address_but_to_no_other_name() -> None:
    hosts = Hosts("0.0.0.0")
    assert all(map(hosts.answers_to, ("10.0.0.7:8080", "[2001:db8::1]", "localhost", "0.0.0.0")))
    assert not hosts.answers_to("evil.example")


def test_names_that_are_allowed_are_answered() -> None:
    hosts = Hosts("127.0.0.1", ["Prices.example.org", "*.team.example.org"])
    assert hosts.answers_to("prices.EXAMPLE.org:443")
    assert hosts.answers_to("a.team.example.org.")
    assert not hosts.answers_to("x.prices.example.org")
    assert not hosts.answers_to("team.example.org")
    assert not hosts.answers_to("eviltteam.example.org")


@pytest.mark.parametrize("name", ["https://a.example", "a.example:80", "*", "a b", "a/b", "", "*."])
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(InvalidInputError, match="is no host name: write one without a scheme"):
        Hosts("127.0.0.1", [name])


@pytest.mark.parametrize(
    ("host", "alone"),
    [
        *(("127.0.0.1", True), ("127.1.2.3", True), ("::1", True), ("[::1]", True)),
        *(("localhost", True), ("LOCALHOST", True), ("0.0.0.0", False), ("::", False)),
        *(("", False), ("10.0.0.7", False), ("host.example", False), ("127.0.0.1.nip.io", False)),
    ],
)
def test_what_only_this_machine_reaches(host: str, alone: bool) -> None:
    assert is_loopback(host) is alone


def test_hosts_are_the_same_where_they_answer_to_the_same_names() -> None:
    same = Hosts("127.0.0.1", ["a.example", "B.example"])
    assert same == Hosts("127.0.0.1", ["b.example", "a.example"])
    assert hash(same) == hash(Hosts("127.0.0.1", ["b.example", "a.example"]))
    assert same not in (Hosts("127.0.0.1"), Hosts("0.0.0.0", ["a.example", "b.example"]), "a")
