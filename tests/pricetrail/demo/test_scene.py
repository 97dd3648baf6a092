"""The demo's set-up polls, tells and delivers with the code of `poll` and `run`."""

from copy import deepcopy

from pricetrail.demo import catalog
from pricetrail.demo.receiver import CHAT, SIGNED, Post, verified
from pricetrail.demo.scene import set_up


def test_a_change_is_polled_logged_and_delivered_to_both_webhooks(sqlite_url: str) -> None:
    heard: list[Post] = []
    with set_up(sqlite_url, heard=heard.append) as scene:
        assert scene.poll().version == 1
        models = deepcopy(scene.gateway.catalog)
        scene.gateway.catalog = models[1:]
        assert scene.poll().outcome == "changed"
        events = [event for _, event in scene.log(0)]
        assert [event.model for event in events] == [catalog.models()[0]["id"]]
        assert scene.log(scene.log(0)[-1][0]) == []
    assert sorted(post.path for post in heard) == sorted([CHAT, SIGNED])
    [signed] = [post for post in heard if post.path == SIGNED]
    assert verified(signed, scene.secret)
    assert not verified(signed, "whsec_" + "A" * 32)
