"""The entry point, for `pricetrail` and `python -m pricetrail`."""

import gc
import sys


def main() -> None:
    """Run the command line."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal that knows no "–" shows an escape; it is no reason to fail.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    # Imports make no garbage: looking for it meanwhile takes a third of a short command's time.
    gc.disable()
    from pricetrail.cli import main as command_line  # noqa: PLC0415 - see above
    from pricetrail.signals import interrupted_by_signals  # noqa: PLC0415 - see above

    with interrupted_by_signals():
        command_line(prog_name="pricetrail")


if __name__ == "__main__":
    main()
