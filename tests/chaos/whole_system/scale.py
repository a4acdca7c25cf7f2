"""How long and how fast: the whole by default, less where a machine or a person can't wait."""

import os
from typing import Final

SECONDS: Final = float(os.environ.get("CHAOS_SECONDS", "300"))
"""How long parts fail while orders flow."""
FLOW_RATE: Final = float(os.environ.get("CHAOS_RATE", "50"))
"""Orders a second while random parts fail."""
RIVAL_RATE: Final = float(os.environ.get("CHAOS_RIVAL_RATE", "100"))
"""Orders a second while what the rival failed at is done."""
