"""Which dialects there are; a module is loaded when its dialect is asked for."""

from importlib import import_module

from pricetrail.catalog.dialects.readings import Dialect

# The unified schema itself, which nothing has to translate.
PIPELLM = "pipellm"
# A dialect's name to the module that reads it; several gateways write alike.
_MODULES = {
    "openrouter": "openrouter",
    "groq": "openrouter",
    "together": "together",
    "deepinfra": "deepinfra",
    "xai": "xai",
    "vercel": "vercel",
    "requesty": "requesty",
    "litellm": "litellm",
    "models.dev": "models_dev",
    "genai-prices": "genai_prices",
}
NAMES = (PIPELLM, *_MODULES)


def get_dialect(name: str) -> Dialect:
    """The dialect of a name other than `PIPELLM`.

    Raises:
        KeyError: there is none.
    """
    module = import_module(f"pricetrail.catalog.dialects.{_MODULES[name]}")
    return Dialect(name, module.VERSION, module.read)
