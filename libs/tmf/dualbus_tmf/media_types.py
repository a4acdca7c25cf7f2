"""Media types of bodies."""

from typing import Final

JSON: Final = "application/json;charset=utf-8"
"""Of every answer but errors: to the letter what the official definitions say they produce."""
