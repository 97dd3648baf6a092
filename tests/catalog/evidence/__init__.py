"""One set of bundles, genuine and forged, for everything that makes or checks one."""
