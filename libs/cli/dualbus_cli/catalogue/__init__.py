"""The catalogue as files: read with line numbers, checked as a whole, then loaded over REST."""
