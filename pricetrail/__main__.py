"""The entry point, for `pricetrail` and `python -m pricetrail`."""

import gc
import os
import signal
import sys


def main() -> None:
    """Run the command line."""
    # Until it is known whether this is a service, which a SIGHUP must not end.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGHUP})
    for stream in (sys.stdout, sys.stderr):
        # A terminal that knows no "–" shows an escape; it is no reason to fail.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    # Imports make no garbage: looking for it meanwhile takes a third of a short command's time.
    gc.disable()
    if "_PRICETRAIL_COMPLETE" in os.environ:
        from pricetrail.completion.shells import answer  # noqa: PLC0415 - without any command

        answer()
    from pricetrail.cli import main as command_line  # noqa: PLC0415 - see above
    from pricetrail.signals import interrupted_by_signals  # noqa: PLC0415 - see above

    with interrupted_by_signals():
        try:
            command_line(prog_name="pricetrail")
        except OSError as error:
            # Of click's own output, such as a help, which no command's errors are about.
            sys.exit(f"pricetrail: {error.strerror or error}")
        finally:
            _drop_unwritten()


def _drop_unwritten() -> None:
    """Give up what a full disk did not take, which would be tried again, and fail, at the end."""
    if sys.stdout is None or sys.stdout.closed:
        return
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    main()
