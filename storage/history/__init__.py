"""What was recorded: versions, models, prices and events, written once and read back."""
