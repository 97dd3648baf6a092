"""`--serve`: gateway, scheduler, page and a catalog that goes on moving, until a signal."""

import threading
from contextlib import ExitStack

from pricetrail.demo import show, story
from pricetrail.demo.receiver import CHAT, Post
from pricetrail.demo.scene import Scene
from pricetrail.jobs.service import Service
from pricetrail.render import line
from pricetrail.serving import MissingExtraError, serving_database
from pricetrail.settings.web import WebSettings
from pricetrail.signals import stopping_on_signals
from pricetrail.text.time_ranges import moment

# Between two changes of the catalog; the scheduler polls every 10 seconds.
PAUSE = 15.0


def serve(scene: Scene) -> bool:
    """Serve until SIGTERM or Ctrl-C. False if what was in hand could not be finished in time."""
    service = Service(
        scene.database, {scene.source.name: scene.source}, scene.poller, scene.deliverer
    )
    with stopping_on_signals(service.stopping), ExitStack() as stack:
        _say_where(scene)
        _show_page(scene, stack)
        mover = threading.Thread(target=_move, args=(scene, service.stopping), name="mover")
        mover.start()
        finished = service.run()
        mover.join()
    line("stopped")
    return finished


def _say_where(scene: Scene) -> None:
    gateway = scene.gateway
    show.heading("Serving until Ctrl-C")
    line(f"   address  {gateway.url}")
    line(f"   key      {gateway.key}")
    line("   polled every 10 seconds; the catalog moves every 15. Look at it yourself:")
    line()
    line(f'   curl -s -H "Authorization: Bearer {gateway.key}" {gateway.url}')


def _show_page(scene: Scene, stack: ExitStack) -> None:
    """Serve the page too, on a free port, where it is installed."""
    line()
    try:
        page = stack.enter_context(serving_database(scene.database.url, WebSettings(port=0)))
    except MissingExtraError as error:
        line(f"   {error}")
    else:
        line(f"   page     {page.address}")


def _move(scene: Scene, stopping: threading.Event) -> None:
    for what, models in story.endless(scene.gateway.catalog):
        if stopping.wait(PAUSE):
            return
        scene.gateway.catalog = models
        show.heading(f"{moment(scene.database.now())}: the gateway changes {what}")


def heard(post: Post) -> None:
    """Show a chat message as it comes in."""
    if post.path == CHAT:
        show.chat_message(post)
