"""What is asked for an item: the catalogue's prices, alterations, totals. No IO."""
