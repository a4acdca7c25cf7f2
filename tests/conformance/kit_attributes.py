"""What TM Forum's conformance kits assert to be in every answer, besides id and href.

Read off the v4 profiles and kits: what the server must set itself, what a POST brought, and what
must be an array: `[]`, or `[1]` when it must hold something. Resources without an entry have no
profile or kit of v4.
"""

from collections.abc import Mapping, Sequence
from typing import Final

_CATALOGUED: Final = ("lastUpdate", "lifecycleStatus", "name")

KIT_ATTRIBUTES: Final[Mapping[tuple[str, str], Sequence[str]]] = {
    ("TMF620", "ProductSpecification"): _CATALOGUED,
    # And, of a simple one, productSpecification: only whoever makes the offering knows that.
    ("TMF620", "ProductOffering"): _CATALOGUED,
    ("TMF620", "ProductOfferingPrice"): (*_CATALOGUED, "priceType"),
    ("TMF621", "TroubleTicket"): ("status", "creationDate"),
    ("TMF622", "ProductOrder"): ("orderDate", "state", "relatedParty[]", "productOrderItem[]"),
    ("TMF622", "CancelProductOrder"): ("state",),
    ("TMF629", "Customer"): ("@type", "name", "engagedParty"),
    ("TMF632", "Individual"): ("familyName", "givenName"),
    ("TMF632", "Organization"): ("tradingName",),
    ("TMF633", "ServiceSpecification"): ("@type", "isBundle", *_CATALOGUED),
    ("TMF634", "ResourceSpecification"): ("isBundle", *_CATALOGUED),
    ("TMF635", "Usage"): ("usageSpecification",),
    ("TMF635", "UsageSpecification"): ("name",),
    # And billingAccount and productOffering, which only what was ordered or recorded whole has.
    ("TMF637", "Product"): (
        "status",
        "productCharacteristic[]",
        "productPrice[]",
        "relatedParty[]",
    ),
    ("TMF638", "Service"): ("state", "serviceSpecification", "serviceDate"),
    ("TMF639", "Resource"): ("name",),
    ("TMF640", "Service"): ("serviceDate", "serviceSpecification", "state"),
    ("TMF641", "ServiceOrder"): ("orderDate", "state", "serviceOrderItem[]"),
    ("TMF641", "CancelServiceOrder"): ("state",),
    ("TMF642", "Alarm"): (
        "alarmRaisedTime",
        "alarmType",
        "alarmedObject",
        "perceivedSeverity",
        "probableCause",
        "sourceSystemId",
        "state",
    ),
    ("TMF648", "Quote"): ("quoteDate", "state", "quoteItem[]"),
    ("TMF651", "Agreement"): (
        "@type",
        "name",
        "agreementType",
        "agreementItem[]",
        "engagedParty[]",
    ),
    ("TMF651", "AgreementSpecification"): ("@type", "name", "attachment[]"),
    ("TMF652", "ResourceOrder"): ("orderDate", "state", "orderItem[]"),
    ("TMF654", "Bucket"): ("confirmationDate", "status", "usageType"),
    ("TMF654", "TopupBalance"): ("amount", "status"),
    ("TMF654", "AdjustBalance"): ("amount", "status", "usageType"),
    ("TMF654", "ReserveBalance"): ("amount", "relatedParty[]", "status"),
    ("TMF656", "ServiceProblem"): (
        "affectedNumberOfServices",
        "creationDate",
        "lastUpdate",
        "responsibleParty",
        "status",
        "statusChangeDate",
    ),
    ("TMF657", "ServiceLevelObjective"): (
        "conformanceComparator",
        "conformanceTarget",
        "serviceLevelObjectiveParameter",
    ),
    ("TMF657", "ServiceLevelSpecification"): ("name", "relatedServiceLevelObjective[]"),
    ("TMF666", "BillingAccount"): ("name", "relatedParty[]"),
    ("TMF666", "PartyAccount"): ("name", "relatedParty[]"),
    ("TMF666", "SettlementAccount"): ("name", "relatedParty[]"),
    ("TMF666", "FinancialAccount"): ("name",),
    ("TMF666", "BillingCycleSpecification"): ("name",),
    ("TMF666", "BillFormat"): ("name",),
    ("TMF666", "BillPresentationMedia"): ("name",),
    ("TMF669", "PartyRole"): ("name", "roleType"),
    ("TMF672", "UserRole"): ("entitlement[]",),
    ("TMF672", "Permission"): ("user", "validFor"),
    ("TMF676", "Payment"): ("account", "paymentMethod", "totalAmount"),
    ("TMF677", "QueryUsageConsumption"): ("usageConsumption[]",),
    ("TMF678", "CustomerBill"): ("billDocument[1]", "billingAccount", "state"),
    ("TMF678", "AppliedCustomerBillingRate"): ("isBilled",),
    ("TMF679", "ProductOfferingQualification"): ("productOfferingQualificationDate", "state"),
    ("TMF681", "CommunicationMessage"): ("content", "messageType", "receiver[]", "sender"),
    ("TMF683", "PartyInteraction"): ("channel[]", "direction", "reason"),
    ("TMF699", "SalesLead"): ("creationDate", "name", "status", "statusChangeDate"),
}


def kit_attributes(api: str, name: str) -> Sequence[str]:
    """`("orderDate", "state", "quoteItem[]")`; empty where no kit says anything."""
    return KIT_ATTRIBUTES.get((api, name), ())
