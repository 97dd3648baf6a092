"""Whether the container is well, for HEALTHCHECK: its page answers, where it serves one.

Without a page nothing can be asked: a process that has not ended is then taken for well, and
`/metrics` of a page elsewhere, or a source's `ping`, says whether it polls.
"""

import os
import sys
import urllib.request
from pathlib import Path

ADDRESS = "http://127.0.0.1:{port}{root}/healthz"


def main(first_process: Path = Path("/proc/1/cmdline")) -> int:
    """0 where it is well; else 1, and why on stdout, which `docker inspect` shows."""
    arguments = first_process.read_bytes().split(b"\0")
    if not {b"--web", b"web"} & set(arguments):
        return 0
    port = os.environ.get("PRICETRAIL_WEB_PORT", "8080")
    root = os.environ.get("PRICETRAIL_WEB_ROOT_PATH", "")
    try:
        address = ADDRESS.format(port=port, root=root)
        with urllib.request.urlopen(address, timeout=5):  # noqa: S310 - always http, on loopback
            return 0
    except OSError as error:
        print(f"the page does not answer: {error}")
        return 1


if __name__ == "__main__":
    sys.exit(main())
