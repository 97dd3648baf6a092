"""Which dialects there are; a module is loaded when its dialect is asked for."""

from difflib import get_close_matches
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
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


class ReadBy(NamedTuple):
    """How a body was read: by which dialect and version of it (`openrouter/1`), and which native
    fields were kept besides; neither where it is PipeLLM's."""

    dialect: str | None = None
    keep: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.dialect or PIPELLM


# By nothing that translates: PipeLLM's own schema.
AS_SERVED = ReadBy()


def get_dialect(name: str) -> "Dialect":
    """The dialect of a name other than `PIPELLM`.

    Raises:
        KeyError: there is none.
    """
    # Only now: most sources are PipeLLM's.
    from pricetrail.catalog.dialects.readings import Dialect  # noqa: PLC0415 - see above

    module = import_module(f"pricetrail.catalog.dialects.{_MODULES[name]}")
    return Dialect(name, module.VERSION, module.read)


def unknown_dialect(name: str) -> str:
    """What to say of a name that is no dialect's: the near ones, or all."""
    near = get_close_matches(name.lower(), NAMES, cutoff=0.5)
    if near:
        return f"there is no such dialect; did you mean {' or '.join(near)}?"
    return f"there is no such dialect: write one of {', '.join(NAMES)}"
