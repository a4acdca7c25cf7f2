"""TMF676 refunds: never more than was paid; credit first, then bills are opened again."""
