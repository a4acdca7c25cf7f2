"""billing-svc's resources."""

from dualbus_kit.ids import new_id

from tests.billing.bill_charges import bill, bills_of, charge, rates_of
from tests.billing.billing_tasks import a_price
from tests.conformance.case import Body, Case
from tests.harness import Harness

_CUSTOMER = {"id": "7", "name": "Ada", "role": "customer", "@referredType": "Customer"}
_OF_ANY_PATCH = ("merge patch", "If-Match")


async def _a_bill(billing: Harness) -> Body:
    """The bill of a new customer for a month of fibre."""
    account_id = await charge(billing, new_id(), a_price(30))
    await bill(billing, "2026-02")
    (issued,) = await bills_of(billing, **{"billingAccount.id": account_id})
    return issued


async def _a_rate(billing: Harness) -> Body:
    (rate,) = await rates_of(billing, (await _a_bill(billing))["id"])
    return rate


CASES = [
    Case(
        "TMF666",
        "BillingAccount",
        {"name": "At home", "relatedParty": [_CUSTOMER]},
        fixed=frozenset(("lastModified",)),
    ),
    Case("TMF666", "PartyAccount", {"name": "Ada", "relatedParty": [_CUSTOMER]}),
    Case("TMF666", "SettlementAccount", {"name": "Roaming", "relatedParty": [_CUSTOMER]}),
    Case("TMF666", "FinancialAccount", {"name": "Receivables"}),
    Case("TMF666", "BillingCycleSpecification", {"name": "Each month"}),
    Case("TMF666", "BillFormat", {"name": "In full"}),
    Case("TMF666", "BillPresentationMedia", {"name": "By mail"}),
    Case("TMF635", "Usage", {"usageSpecification": {"id": "voice"}}),
    Case("TMF635", "UsageSpecification", {"name": "Voice"}),
    Case(
        "TMF678",
        "CustomerBill",
        seed=_a_bill,
        not_here=dict.fromkeys(_OF_ANY_PATCH, "a bill's state is all that can be patched"),
    ),
    Case("TMF678", "AppliedCustomerBillingRate", seed=_a_rate),
    Case(
        "TMF678",
        "CustomerBillOnDemand",
        {"billingAccount": {"id": "8250"}},
        fixed=frozenset(("customerBill", "lastUpdate")),
    ),
    Case(
        "TMF676",
        "Payment",
        {
            "account": {"id": "8250"},
            "paymentMethod": {"@type": "cash"},
            "totalAmount": {"unit": "USD", "value": 25.5},
        },
        fixed=frozenset(("correlatorId", "paymentDate", "statusDate")),
    ),
]
