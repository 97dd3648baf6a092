"""Where messages go while the configuration, or a file that it names, changes."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from http.server import BaseHTTPRequestHandler

import pytest

from pricetrail.alerts.signing import signature_headers
from pricetrail.alerts.webhooks import Webhook
from pricetrail.jobs.deliveries.delivering import Deliverer
from pricetrail.jobs.deliveries.tally import Tally
from pricetrail.jobs.deliveries.ways import Way
from pricetrail.jobs.in_force import Configured, InForce, NoFiles
from pricetrail.net.dialling import Network
from tests.jobs.stage import Stage, many, staged
from tests.support.receivers import Receiver, Request, receiving, status

SECRETS = ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD")
MANY = 12


class SecretFile(NoFiles):
    """The address and the secret of a webhook."""

    def __init__(self, webhook: Webhook) -> None:
        self.now = webhook

    def webhook(self, webhook: Webhook) -> Webhook:
        return self.now


@pytest.fixture
def receivers() -> Iterator[list[Receiver]]:
    with ExitStack() as stack:
        yield [stack.enter_context(receiving()) for _ in range(2)]


@pytest.fixture
def stage(sqlite_url: str, receivers: list[Receiver]) -> Iterator[Stage]:
    """Many messages are owed to the first receiver."""
    hook = Webhook(name="w", url=receivers[0].url, allow_private=True, secrets=SECRETS[:1])
    with staged(sqlite_url, webhooks={"w": hook}) as made:
        made.poll(many(2))
        made.poll(many(2 + MANY))
        yield made


def signed_with(request: Request) -> str:
    """The secret that a message is signed with."""
    stamp = int(request.headers["webhook-timestamp"])
    for secret in SECRETS:
        headers = signature_headers([secret], request.headers["webhook-id"], stamp, request.body)
        if headers["webhook-signature"] == request.headers["webhook-signature"]:
            return secret
    raise AssertionError


def answering(receiver: Receiver, at: int, change: object) -> None:
    """Have something change while the receiver answers a message."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        if len(receiver.requests) == at:
            assert callable(change)
            change()
        status(204)(handler)

    receiver.always = answer


def test_the_message_after_a_rotation_is_signed_anew_and_goes_to_the_new_address(
    stage: Stage, receivers: list[Receiver]
) -> None:
    before, after = receivers
    webhook = stage.webhooks["w"]
    file = SecretFile(webhook)

    def rotate() -> None:
        file.now = replace(webhook, url=after.url, secrets=SECRETS[1:])

    answering(before, 5, rotate)
    in_force = InForce(Configured({}, stage.webhooks, file))
    assert Deliverer(stage.database, in_force).deliver_due() == Tally(delivered=MANY)
    assert {signed_with(request) for request in before.requests} == {SECRETS[0]}
    assert {signed_with(request) for request in after.requests} == {SECRETS[1]}
    assert (len(before.requests), len(after.requests)) == (5, MANY - 5)


def test_what_is_claimed_goes_out_as_it_was_meant_and_the_rest_by_the_new_configuration(
    stage: Stage, receivers: list[Receiver]
) -> None:
    before, after = receivers
    in_force = InForce(Configured({}, stage.webhooks))
    other = {"w": replace(stage.webhooks["w"], url=after.url)}
    # Of 1, 2, 4 that are claimed at a time, in the midst of the 4.
    answering(before, 5, lambda: in_force.replace(Configured({}, other)))
    assert Deliverer(stage.database, in_force).deliver_due() == Tally(delivered=MANY)
    assert (len(before.requests), len(after.requests)) == (7, MANY - 7)


def test_a_webhook_that_is_taken_out_keeps_what_it_is_owed(
    stage: Stage, receivers: list[Receiver]
) -> None:
    in_force = InForce(Configured({}, stage.webhooks))
    deliverer = Deliverer(stage.database, in_force)
    answering(receivers[0], 1, lambda: in_force.replace(Configured()))
    assert deliverer.drain("w") == Tally(delivered=1)
    assert deliverer.with_due() == []
    assert deliverer.drain("w") == Tally()
    assert [one.state for one in stage.owed()].count("pending") == MANY - 1


def test_a_way_is_kept_while_the_address_stays(stage: Stage) -> None:
    webhook = stage.webhooks["w"]
    with Way(Network()) as way:
        route = way.to(webhook)
        assert way.to(replace(webhook, secrets=SECRETS)) is route
        assert way.to(replace(webhook, url="http://127.0.0.1:9/")) is not route
