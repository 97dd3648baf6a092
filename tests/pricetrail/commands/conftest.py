"""A gateway and a receiver on loopback, configured, for the commands that poll and alert."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pricetrail.demo.gateway import Gateway
from tests.pricetrail.commands.polling import CONFIG
from tests.support.histories import model
from tests.support.receivers import Receiver, receiving


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    with Gateway([model(f"m-{n:02}") for n in range(12)]) as found:
        yield found


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


@pytest.fixture
def configured(gateway: Gateway, receiver: Receiver) -> None:
    text = CONFIG.format(gateway=gateway.url, receiver=receiver.url)
    Path("pricetrail.toml").write_text(text, encoding="utf-8")
