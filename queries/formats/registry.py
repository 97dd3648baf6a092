"""The price files that can be written, by the name of whose they are."""

from pricetrail.queries.formats import genai_prices, litellm, models_dev
from pricetrail.queries.formats.priced import Writer

WRITERS: dict[str, Writer] = {
    "litellm": litellm.write,
    "models.dev": models_dev.write,
    "genai-prices": genai_prices.write,
}
FORMATS = tuple(WRITERS)
