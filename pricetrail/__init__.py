"""Remembers what an LLM gateway's models cost: versioned snapshots, exact diffs, alerts."""

from pathlib import Path

# In a checkout the folders stand beside this one, and links here make one package of them.
if not (Path(__file__).parent / "catalog").is_dir():
    raise ImportError(
        "the links in pricetrail/ are missing, as in a zip, or a checkout on Windows: "
        "clone with `git -c core.symlinks=true clone`, or install the package"
    )
