"""Proof: the head to save, the last verification, and bundles that prove a price."""

import re
from datetime import datetime

from fastapi import APIRouter
from starlette.responses import Response

from pricetrail.catalog.errors import InvalidInputError, NotFoundError
from pricetrail.catalog.saved_heads import SavedHead
from pricetrail.catalog.times import rfc3339
from pricetrail.queries import evidence, snapshot, verification
from pricetrail.storage.sources import choose
from pricetrail.web.asked import ThisRequest
from pricetrail.web.bodies import of_text
from pricetrail.web.layout import page
from pricetrail.web.replies import JSON, reply

router = APIRouter(include_in_schema=False)


@router.get("/proof")
def show(asked: ThisRequest, model: str = "") -> Response:
    """The head of a source now or at a time, and what can be done with it."""
    head = last = None
    with asked.site.database.read() as transaction:
        # One that is asked for and not there is refused by name.
        chosen = None if asked.chosen is None else choose(transaction, asked.chosen)
        if chosen is not None and chosen.head_version:
            revision = "latest" if asked.at is None else rfc3339(asked.at)
            head = snapshot.ask(transaction, asked.chosen, revision)
            last = verification.ask_last(transaction, asked.chosen)
    return page(
        asked.request,
        "proof.html",
        title="Proof",
        active="proof",
        timeless=True,
        sources=asked.sources,
        chosen=asked.chosen,
        several=asked.sources.total > 1,
        head=head,
        saved=None if head is None else str(SavedHead(head.version, head.hash)),
        newest=None if chosen is None else chosen.head_version,
        last=last,
        model=model,
    )


@router.get("/proof/bundle")
def bundle(asked: ThisRequest, model: str = "") -> Response:
    """What `pricetrail evidence` writes, to be saved."""
    if not model:
        raise InvalidInputError("model: name the model whose price is to be proven")
    with asked.site.database.read() as transaction:
        try:
            answer = evidence.ask(transaction, asked.source, model, asked.at)
        except NotFoundError:
            # Blanks around it may be of the id, or of whoever pasted it.
            if not model.strip() or model == model.strip():
                raise
            answer = evidence.ask(transaction, asked.source, model.strip(), asked.at)
    name = _file_name(model, asked.at)
    saved = {"content-disposition": f'attachment; filename="{name}"'}
    return reply(asked.request, of_text(answer.text + "\n"), JSON, headers=saved)


def _file_name(model: str, at: datetime | None) -> str:
    """A name that every system takes: `evidence-openai-gpt-5-2026-03-01.json`."""
    plain = re.sub(r"[^A-Za-z0-9.]+", "-", model).strip("-.")[:80] or "model"
    when = "" if at is None else f"-{at:%Y-%m-%d}"
    return f"evidence-{plain}{when}.json"
