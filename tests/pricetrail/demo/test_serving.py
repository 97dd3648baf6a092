"""What `--serve` tells while it goes on."""

import os
import re
import signal
import threading
from unittest.mock import Mock

import pytest

from pricetrail.demo import serving
from pricetrail.demo.receiver import CHAT, SIGNED, Post
from pricetrail.demo.scene import set_up
from pricetrail.serving import MissingExtraError


@pytest.mark.parametrize(("path", "shown"), [(CHAT, "   │ hello\n"), (SIGNED, "")])
def test_only_chat_messages_are_drawn(
    path: str, shown: str, capsys: pytest.CaptureFixture[str]
) -> None:
    body = b'{"blocks": [{"type": "context", "elements": [{"type": "mrkdwn", "text": "hello"}]}]}'
    serving.heard(Post(path, {}, body))
    assert capsys.readouterr().out == shown


def test_it_says_where_it_serves_and_ends_with_a_signal(
    sqlite_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with set_up(sqlite_url) as scene:
        threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGTERM)).start()
        assert serving.serve(scene) is True
        told = capsys.readouterr().out
        assert f"address  {scene.gateway.url}" in told
        assert f"key      {scene.gateway.key}" in told
    assert told.endswith("stopped\n")
    # The introduction ends with what one opens next.
    assert re.search(r"\n   page     http://127\.0\.0\.1:\d+/\n$", told.removesuffix("stopped\n"))


def test_without_the_extra_it_goes_on_and_says_how_to_get_the_page(
    sqlite_url: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        serving, "serving_database", Mock(side_effect=MissingExtraError("pip install it"))
    )
    with set_up(sqlite_url) as scene:
        threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGTERM)).start()
        assert serving.serve(scene) is True
    told = capsys.readouterr().out
    assert "\n   pip install it\n" in told
    assert "page  " not in told
