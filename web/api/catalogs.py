"""The catalog where a client of the gateway looks for it, now and in the past."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path
from starlette.requests import Request
from starlette.responses import Response

from pricetrail.web.api.listings import document, listing
from pricetrail.web.api.parameters import At, AtInPath, ModelId, Source, asked_at
from pricetrail.web.api.shapes.prices import GatewayList, GatewayModel
from pricetrail.web.api.slips import refuse_slips
from pricetrail.web.paths import MODEL_ID

router = APIRouter(tags=["catalog"])


SourceInPath = Annotated[str, Path(description="The name of a source.", min_length=1)]


@router.get("/v1/models", response_model=GatewayList)
def models(request: Request, at: At = None, source: Source = None) -> Response:
    """The catalog in the gateway's own shape, as `models --json` prints it."""
    return listing(request, *_asked(request, source=source, at=at))


@router.get("/v1/models" + MODEL_ID, response_model=GatewayModel)
def model(request: Request, model_id: ModelId, at: At = None, source: Source = None) -> Response:
    """One model, letter for letter as it was served."""
    source_, at_ = _asked(request, source=source, at=at)
    return document(request, source_, model_id, at_)


@router.get("/at/{moment}/v1/models", response_model=GatewayList)
def models_at(request: Request, moment: AtInPath, source: Source = None) -> Response:
    """The catalog as of a time: a client whose base URL is `/at/TIME/v1` sees the past."""
    return listing(request, *_asked(request, source=source, moment=moment))


@router.get("/at/{moment}/v1/models" + MODEL_ID, response_model=GatewayModel)
def model_at(
    request: Request, moment: AtInPath, model_id: ModelId, source: Source = None
) -> Response:
    """One model as of a time."""
    source_, at_ = _asked(request, source=source, moment=moment)
    return document(request, source_, model_id, at_)


@router.get("/s/{name}/at/{moment}/v1/models", response_model=GatewayList)
def models_of_source_at(request: Request, name: SourceInPath, moment: AtInPath) -> Response:
    """The catalog of one source as of a time."""
    return listing(request, *_asked(request, name=name, moment=moment))


@router.get("/s/{name}/at/{moment}/v1/models" + MODEL_ID, response_model=GatewayModel)
def model_of_source_at(
    request: Request, name: SourceInPath, moment: AtInPath, model_id: ModelId
) -> Response:
    """One model of one source as of a time."""
    source_, at_ = _asked(request, name=name, moment=moment)
    return document(request, source_, model_id, at_)


@router.get("/s/{name}/v1/models", response_model=GatewayList)
def models_of_source(request: Request, name: SourceInPath, at: At = None) -> Response:
    """The catalog of one source."""
    return listing(request, *_asked(request, name=name, at=at))


@router.get("/s/{name}/v1/models" + MODEL_ID, response_model=GatewayModel)
def model_of_source(
    request: Request, name: SourceInPath, model_id: ModelId, at: At = None
) -> Response:
    """One model of one source."""
    source_, at_ = _asked(request, name=name, at=at)
    return document(request, source_, model_id, at_)


# The name of a source may hold slashes: these are tried where nothing above fits.
for _path, _handler in (
    ("/s/{name:shortest}/at/{moment}/v1/models", models_of_source_at),
    ("/s/{name:shortest}/at/{moment}/v1/models" + MODEL_ID, model_of_source_at),
    ("/s/{name:shortest}/v1/models", models_of_source),
    ("/s/{name:shortest}/v1/models" + MODEL_ID, model_of_source),
):
    router.add_api_route(_path, _handler, include_in_schema=False)


def _asked(
    request: Request,
    *,
    source: str | None = None,
    at: str | None = None,
    name: str | None = None,
    moment: str | None = None,
) -> tuple[str | None, datetime | None]:
    """The source and the time of an address, by its path or by its parameters.

    Raises:
        InvalidInputError: a time that is none, or one that says otherwise than the path.
    """
    refuse_slips(request, in_path=(("source", name), ("at", moment)))
    return source or name, asked_at("at", at) or asked_at("the time in the path", moment)
