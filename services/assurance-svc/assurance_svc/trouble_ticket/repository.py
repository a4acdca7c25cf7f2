"""Where trouble tickets are stored."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import orjson
from dualbus_events.contract.assurance import TroubleTicket as TroubleTicketDocument
from dualbus_events.repository import Repository

from assurance_svc import tables
from assurance_svc.trouble_ticket.aggregate import TroubleTicket, open_resource_of
from assurance_svc.trouble_ticket.errors import TroubleTicketNotFound


def _party_ids(document: TroubleTicketDocument) -> bytes:
    return orjson.dumps([party.id for party in document.related_party or []])


class TroubleTickets(Repository[TroubleTicket]):
    aggregate = TroubleTicket
    table = tables.trouble_ticket
    columns: ClassVar[Mapping[str, Callable[[Any], object]]] = {
        "status": lambda document: document.status,
        "party_ids": _party_ids,
        "open_resource_id": open_resource_of,
    }
    not_found = TroubleTicketNotFound
