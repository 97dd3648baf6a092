"""One file a question: what is asked, and the answer as a value and as JSON."""
