"""What a browser or a program sees: pages, API, feed and metrics; it asks `queries` and shows."""
