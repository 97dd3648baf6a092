"""What runs on a schedule: poll, deliver, prune."""
