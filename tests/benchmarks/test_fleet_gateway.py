"""The made-up gateway of the fleet: what it serves, and what it says that it did."""

import json

import pytest

from benchmarks.fleet_gateway import Fleet, FleetGateway, body, fleet_gateway
from pricetrail.jobs.polls.gateway import Answer, GatewayError, fetch
from pricetrail.jobs.source import Source

pytestmark = pytest.mark.slow


def asked(gateway: FleetGateway, number: int, etag: str | None = None, key: str = "") -> Answer:
    source = Source(
        name=f"s{number}",
        url=gateway.url(number),
        api_key=key or gateway.key(number),
        ca_file=gateway.ca_file,
    )
    return fetch(source, etag, sleep=lambda _seconds: True)


@pytest.mark.parametrize("tls", [False, True])
def test_sources_have_catalogs_in_turn_and_a_known_one_is_not_sent_again(*, tls: bool) -> None:
    with fleet_gateway(Fleet(6, 3, models=4, hosts=2, tls=tls)) as gateway:
        first, other, same = (asked(gateway, number) for number in (0, 1, 3))
        assert gateway.catalog(0) == gateway.catalog(3) != gateway.catalog(1)
        assert first.body == same.body == body(0, 0, 4)
        assert other.body == body(1, 0, 4)
        assert asked(gateway, 3, first.etag).not_modified
        assert not asked(gateway, 1, first.etag).not_modified
        served = gateway.served()
    assert (served.requests, served.not_modified, served.refused) == (5, 1, 0)
    assert served.worked > 0
    assert gateway.url(0).rpartition(":")[2] != gateway.url(1).rpartition(":")[2]


def test_a_share_of_the_catalogs_changes_and_the_next_share_after_it() -> None:
    with fleet_gateway(Fleet(4, 4)) as gateway:
        before = [asked(gateway, number) for number in range(4)]
        for changed in ({0, 1}, {2, 3}):
            assert gateway.change(0.5) == 2
            now = [asked(gateway, number, before[number].etag) for number in range(4)]
            assert {number for number in range(4) if not now[number].not_modified} == changed
            before = [new if new.etag else old for old, new in zip(before, now, strict=True)]


def test_a_change_is_one_other_price_and_two_catalogs_share_no_model() -> None:
    def models(catalog: int, changes: int) -> list[str]:
        return [json.dumps(model) for model in json.loads(body(catalog, changes))["data"]]

    for changes in range(60):
        pairs = zip(models(7, changes), models(7, changes + 1), strict=True)
        assert sum(before != after for before, after in pairs) == 1
    assert not set(models(1, 0)) & set(models(99_999, 0))


def test_a_key_of_no_source_or_of_another_hosts_is_refused_and_counted() -> None:
    with fleet_gateway(Fleet(4, 2, hosts=2)) as gateway:
        for key in (gateway.key(1), gateway.key(4), "another", f"{gateway.key(0)}x"):
            with pytest.raises(GatewayError, match="HTTP 401"):
                asked(gateway, 0, key=key)
        assert gateway.served().refused == 4


def test_it_answers_no_more_than_it_may() -> None:
    with fleet_gateway(Fleet(1, 1, most=1)) as gateway:
        assert asked(gateway, 0).status == 200
        with pytest.raises(GatewayError):
            asked(gateway, 0)
