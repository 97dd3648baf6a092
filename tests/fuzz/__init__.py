"""What reads bytes from outside, given any bytes: an error of ours, or none, and within bounds.

`make fuzz` goes on from the bytes in `corpus`, as coverage leads it (atheris); `make test` reads
those alone.
"""
