"""Remembers what an LLM gateway's models cost: versioned snapshots, exact diffs, alerts."""

from pathlib import Path
from typing import TYPE_CHECKING

from pricetrail.version import VERSION

if TYPE_CHECKING:
    from pricetrail.client import Names, Prices

__all__ = ["__version__", "connect"]

__version__ = VERSION

# In a checkout the folders stand beside this one, and links here make one package of them.
if not (Path(__file__).parent / "catalog").is_dir():
    raise ImportError(
        "the links in pricetrail/ are missing, as in a zip, or a checkout on Windows: "
        "clone with `git -c core.symlinks=true clone`, or install the package"
    )


def connect(url: str | None = None, *, aliases: "Names | None" = None) -> "Prices":
    """Open a price history to read from; see `pricetrail.client.connect`."""
    # Not at the top: `import pricetrail` alone costs nothing, and opens no database's driver.
    from pricetrail import client  # noqa: PLC0415 - see above

    return client.connect(url, aliases=aliases)
