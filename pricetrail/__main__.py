"""The entry point, for `pricetrail` and `python -m pricetrail`."""

import sys
from pathlib import Path


def main() -> None:
    """Run the command line."""
    _find_packages()
    for stream in (sys.stdout, sys.stderr):
        # A terminal that knows no "–" shows an escape; it is no reason to fail.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    from pricetrail.cli import main as command_line
    from pricetrail.signals import interrupted_by_signals

    with interrupted_by_signals():
        command_line(prog_name="pricetrail")


def _find_packages() -> None:
    """A wheel carries the other packages in here, where their general names disturb nobody."""
    inside = Path(__file__).parent / "_internal"
    if inside.is_dir():
        sys.path.insert(0, str(inside))


if __name__ == "__main__":
    main()
