"""Measurements: ratios taken in one run, on growing sizes (`make bench`)."""
