"""The VAS platform as participant `vas`."""

from eai_svc.adapters.adapter import Adapter
from eai_svc.adapters.vas.http_platform import connect
from eai_svc.adapters.vas.mapping import subscribe, unsubscribe

VAS = Adapter(
    participant="vas",
    tasks={
        "vas.subscribe": subscribe,
        "vas.subscribe.undo": unsubscribe,
        "vas.unsubscribe": unsubscribe,
        "vas.unsubscribe.undo": subscribe,
    },
    connect=connect,
)
"""Each task is a transaction of its own id, undoings too: the platform remembers transactions for
ever, and would take a second one under a known id for done."""
