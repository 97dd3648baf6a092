"""What a terminal shows of an answer; values come in, and none is parsed again."""
