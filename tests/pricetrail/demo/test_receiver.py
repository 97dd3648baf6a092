"""The demo's receiver knows a genuine message from another."""

import pytest
from standardwebhooks.webhooks import Webhook as Oracle

from pricetrail.catalog.times import utc
from pricetrail.demo.receiver import Post, verified

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NAME, STAMP = "msg_1", utc("2026-03-01")


def post(body: str = "{}", **headers: str) -> Post:
    signed = {
        "webhook-id": NAME,
        "webhook-timestamp": str(int(STAMP.timestamp())),
        "webhook-signature": Oracle(SECRET).sign(NAME, STAMP, "{}"),
    }
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return Post("/signed", signed | given, body.encode())


def test_a_message_signed_by_the_standards_own_package_is_genuine() -> None:
    assert verified(post(), SECRET)


@pytest.mark.parametrize(
    "wrong",
    [
        {"body": "{ }"},
        {"webhook_id": "msg_2"},
        {"webhook_timestamp": "1"},
        {"webhook_signature": ""},
        {"webhook_signature": "v1,AAAA"},
    ],
)
def test_anything_that_was_changed_is_not(wrong: dict[str, str]) -> None:
    assert not verified(post(**wrong), SECRET)


def test_one_of_several_signatures_is_enough() -> None:
    good = post().headers["webhook-signature"]
    assert verified(post(webhook_signature=f"v1,AAAA {good}"), SECRET)


def test_another_secret_is_not_enough() -> None:
    assert not verified(post(), "whsec_" + "A" * 32)
