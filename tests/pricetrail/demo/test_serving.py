"""What `--serve` tells while it goes on."""

import os
import signal
import threading

import pytest

from pricetrail.demo import serving
from pricetrail.demo.receiver import CHAT, SIGNED, Post
from pricetrail.demo.scene import set_up


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
