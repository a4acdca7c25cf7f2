"""customer-svc's resources."""

from customer_svc.communication.aggregate import MESSAGE_STATE
from customer_svc.customer.states import CUSTOMER_STATUS
from customer_svc.sales_lead import SALES_LEAD_STATUS

from tests.conformance.case import Case

# As the definition has it, without /tmf-api.
_ROLES_ALSO_AT = "/userrolepermission/v4/{}"
_PARTY = {"id": "500", "name": "Ada Lovelace", "@referredType": "Individual"}

CASES = [
    Case("TMF632", "Individual", {"givenName": "Ada", "familyName": "Lovelace"}),
    Case("TMF632", "Organization", {"tradingName": "Analytical Engines"}),
    Case("TMF629", "Customer", {"name": "Ada", "engagedParty": _PARTY}, machine=CUSTOMER_STATUS),
    Case(
        "TMF651",
        "Agreement",
        {
            "name": "Fibre for two years",
            "agreementType": "commercial",
            "agreementItem": [{}],
            "engagedParty": [_PARTY],
        },
    ),
    Case(
        "TMF651",
        "AgreementSpecification",
        {"name": "Fibre terms", "attachment": [{"url": "https://example.com/terms.pdf"}]},
    ),
    Case("TMF669", "PartyRole", {"name": "supplier"}),
    Case(
        "TMF683",
        "PartyInteraction",
        {
            "channel": [{"id": "web", "href": "https://example.com/channel/web"}],
            "direction": "inbound",
            "reason": "a question about the bill",
        },
    ),
    Case(
        "TMF681",
        "CommunicationMessage",
        {
            "content": "Your fibre is ready.",
            "messageType": "Email",
            "receiver": [{"id": "1", "email": "ada@example.com"}],
            "sender": {"id": "2"},
        },
        machine=MESSAGE_STATE,
    ),
    Case(
        "TMF699",
        "SalesLead",
        {"name": "Fibre for the whole street"},
        machine=SALES_LEAD_STATUS,
    ),
    Case(
        "TMF672",
        "UserRole",
        {
            "involvementRole": "owner",
            "entitlement": [{"id": "1", "action": "read", "function": "invoice"}],
        },
        also_at=[_ROLES_ALSO_AT.format("userRole")],
    ),
    Case(
        "TMF672",
        "Permission",
        {
            "user": _PARTY,
            "validFor": {"startDateTime": "2026-01-01T00:00:00.000Z"},
            "privilege": [
                {"action": "read", "function": "invoice", "manageableAsset": {"id": "7"}}
            ],
        },
        also_at=[_ROLES_ALSO_AT.format("permission")],
    ),
]
