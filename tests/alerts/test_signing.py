"""Standard Webhooks: our five lines against the `standardwebhooks` package (fault 36)."""

import base64
import json
import random
from datetime import UTC, datetime

import pytest
import standardwebhooks
from hypothesis import example, given
from hypothesis import strategies as st

from pricetrail.alerts.signing import SecretError, key_of, signature_headers

OLD = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NEW = "whsec_" + base64.b64encode(b"another secret of 32 bytes......").decode()

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


def now() -> int:
    return int(datetime.now(UTC).timestamp())


def accepted(secret: str, headers: dict[str, str], body: bytes) -> bool:
    """What a receiver that uses the package says."""
    try:
        standardwebhooks.Webhook(secret).verify(body, headers)
    except standardwebhooks.WebhookVerificationError:
        return False
    return True


def test_the_standards_own_vector() -> None:
    headers = signature_headers(
        [OLD], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'
    )
    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_ten_thousand_random_bodies_are_accepted_with_either_secret_during_a_rotation() -> None:
    chance, stamp = random.Random(36), now()
    for number in range(10_000):
        body = json.dumps({"n": chance.random(), "text": chance.randbytes(20).hex()}).encode()
        headers = signature_headers([NEW, OLD], f"evt_{number}", stamp, body)
        assert accepted(NEW, headers, body)
        assert accepted(OLD, headers, body)


@given(JSON, st.text("abcdefgh_0123456789", min_size=1), st.binary(min_size=24, max_size=64))
def test_any_body_id_and_key_is_accepted(document: object, webhook_id: str, key: bytes) -> None:
    body = json.dumps(document, ensure_ascii=False).encode()
    secret = "whsec_" + base64.b64encode(key).decode()
    headers = signature_headers([secret], webhook_id, now(), body)
    assert accepted(secret, headers, body)
    assert not accepted(secret, headers, body + b" ")
    assert not accepted(secret, headers | {"webhook-id": webhook_id + "x"}, body)


def test_every_secret_of_a_rotation_signs_and_no_other() -> None:
    headers = signature_headers([OLD, NEW], "evt_1", now(), b"{}")
    assert len(headers["webhook-signature"].split(" ")) == 2
    assert not accepted("whsec_" + base64.b64encode(b"third").decode(), headers, b"{}")
    assert not accepted(OLD, signature_headers([NEW], "evt_1", now(), b"{}"), b"{}")


def test_an_old_timestamp_is_not_accepted() -> None:
    headers = signature_headers([OLD], "evt_1", now() - 3600, b"{}")
    assert not accepted(OLD, headers, b"{}")


def test_without_a_secret_there_is_no_signature() -> None:
    headers = signature_headers([], "evt_1", 7, b"{}")
    assert headers == {"webhook-id": "evt_1", "webhook-timestamp": "7"}


def test_padding_may_be_missing() -> None:
    short = base64.b64encode(b"a" * 25).decode().rstrip("=")
    assert key_of("whsec_" + short) == key_of(f"whsec_{short}==") == b"a" * 25


@given(st.binary(max_size=200))
@example(b"x" * 23)
@example(b"x" * 24)
@example(b"x" * 64)
@example(b"x" * 65)
def test_a_secret_has_24_to_64_bytes(key: bytes) -> None:
    secret = "whsec_" + base64.b64encode(key).decode()
    if 24 <= len(key) <= 64:
        assert key_of(secret) == key
        return
    with pytest.raises(SecretError, match="24 to 64 bytes") as caught:
        key_of(secret)
    assert "openssl rand -base64 32" in str(caught.value)
    assert len(key) < 3 or secret not in str(caught.value)


@pytest.mark.parametrize(
    "secret", ["", "whsec_", "whsec_not base64!", "whsec_YQ==x", "s3cret", "WHSEC_YQ==", "whsec_a"]
)
def test_a_secret_that_is_none_is_refused_and_not_repeated(secret: str) -> None:
    with pytest.raises(SecretError, match="openssl rand") as caught:
        key_of(secret)
    assert not secret.removeprefix("whsec_") or secret not in str(caught.value)
