"""Service level agreements: what an offering promised, in force on one service."""
