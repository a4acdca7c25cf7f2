"""The ticket that an alarm opens."""

from typing import cast

from dualbus_events.contract.assurance import Alarm as AlarmDocument
from dualbus_events.contract.assurance import TroubleTicket as TroubleTicketDocument
from dualbus_tmf.declaration import new_document
from dualbus_tmf.hrefs import Addressed

from assurance_svc.alarm.impact import Impact
from assurance_svc.service_level_agreement.promises import Promises
from assurance_svc.trouble_ticket.aggregate import (
    TROUBLE_TICKET_DECLARATION,
    TroubleTicket,
    described,
    entities_of,
    united,
)
from assurance_svc.trouble_ticket.severity import severity_of


def new_network_ticket(
    alarm: AlarmDocument, impact: Impact, promises: Promises, addressed: Addressed
) -> TroubleTicket:
    """One ticket for the resource, whatever the number of customers it hits.

    What was promised to one of them makes it urgent; the strictest promise starts its clock.
    """
    resource = alarm.alarmed_object.name or alarm.alarmed_object.id
    hit = f"{len(impact.services)} service(s) of {len(impact.customers)} customer(s)"
    body = {
        "name": f"{alarm.probable_cause} on {resource}",
        "description": f"{described(alarm)} on resource {resource} hits {hit}.",
        "severity": severity_of(alarm.perceived_severity),
        "priority": "High" if impact.agreements else "Medium",
        "ticketType": "networkIncident",
        "channel": {"id": "network", "name": alarm.source_system_id},
        "relatedEntity": [one.to_dict() for one in united(None, entities_of(alarm, impact))],
        "relatedParty": [one.to_dict() for one in united(None, impact.customers)],
    }
    document = new_document(TROUBLE_TICKET_DECLARATION, body, addressed)
    ticket = TroubleTicket(cast(TroubleTicketDocument, document))
    ticket.begin(promises)
    return ticket
