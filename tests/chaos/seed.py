"""The seed of this run: SEED of the environment, or a new one, which is printed."""

import os
import secrets
from typing import Final

# Set for whoever is started from here, so that all processes of a run have the same one.
SEED: Final = int(os.environ.setdefault("SEED", str(secrets.randbelow(1_000_000))))
