"""TMF678 customer bills and applied customer billing rates: the bill run, and what comes after."""
