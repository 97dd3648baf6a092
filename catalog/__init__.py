"""What a catalog is: model documents, exact prices, their differences and events. No I/O."""
