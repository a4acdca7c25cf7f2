"""billing-svc's resources."""

from billing_svc.balance_action.aggregate import BALANCE_ACTION
from billing_svc.usage import USAGE_STATUS
from dualbus_kit.ids import new_id
from dualbus_tmf.state_machines import CUSTOMER_BILL

from tests.billing.bill_charges import bill, bills_of, charge, rates_of
from tests.billing.billing_tasks import a_price
from tests.conformance.case import Body, Case
from tests.harness import Harness

_TWENTY_FIVE_DOLLARS = {
    "account": {"id": "8250"},
    "paymentMethod": {"@type": "cash"},
    "totalAmount": {"unit": "USD", "value": 25.5},
}
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


_USAGES = "/tmf-api/usageManagement/v4"
_BUCKETS = "/tmf-api/prepayBalanceManagement/v4"
_ACCOUNT = {"id": "account of cases"}
_DECIDED = frozenset(("confirmationDate", "requestedDate"))


async def _a_bucket(billing: Harness, *, account_id: str = _ACCOUNT["id"]) -> Body:
    """A new bucket with 100 EUR on it, opened by a top-up."""
    bucket_id = new_id()
    topup = {
        "amount": {"amount": 100, "units": "EUR"},
        "usageType": "monetary",
        "bucket": {"id": bucket_id},
        "partyAccount": {"id": account_id},
    }
    await billing.client.post(f"{_BUCKETS}/topupBalance", json=topup)
    answer = await billing.client.get(f"{_BUCKETS}/bucket/{bucket_id}")
    bucket: Body = answer.json()
    return bucket


async def _an_accumulated_balance(billing: Harness) -> Body:
    bucket = await _a_bucket(billing, account_id=new_id())
    asked = {"bucket.id": bucket["id"]}
    answer = await billing.client.get(f"{_BUCKETS}/accumulatedBalance", params=asked)
    (found,) = answer.json()
    accumulated: Body = found
    return accumulated


async def _on_a_bucket(billing: Harness) -> Body:
    return {"bucket": {"id": (await _a_bucket(billing))["id"]}}


async def _between_two_buckets(billing: Harness) -> Body:
    receiver = await _a_bucket(billing)
    return {**await _on_a_bucket(billing), "receiverBucket": {"id": receiver["id"]}}


_BALANCES = [
    Case(
        "TMF654",
        "Bucket",
        {"usageType": "monetary"},
        beyond={"create": "version 4.1 and TM Forum's kit do"},
        fixed=_DECIDED | {"remainingValue", "remainingValueName", "reservedValue"},
    ),
    Case("TMF654", "AccumulatedBalance", seed=_an_accumulated_balance),
    Case(
        "TMF654",
        "TopupBalance",
        {
            "amount": {"amount": 5, "units": "EUR"},
            "usageType": "monetary",
            "bucket": {"id": "of-cases"},
            "partyAccount": _ACCOUNT,
        },
        fixed=_DECIDED,
        machine=BALANCE_ACTION,
    ),
    Case(
        "TMF654",
        "AdjustBalance",
        {"amount": {"amount": -0.5, "units": "EUR"}, "usageType": "monetary"},
        prepare=_on_a_bucket,
        fixed=_DECIDED,
    ),
    Case(
        "TMF654",
        "TransferBalance",
        {
            "amount": {"amount": 0.5, "units": "EUR"},
            "reason": "a present",
            "channel": {"id": "app"},
            "logicalResource": [{"id": "+43 660 1"}],
            "receiverLogicalResource": {"id": "+43 660 2"},
            "usageType": "monetary",
            "receiverBucketUsageType": "monetary",
        },
        prepare=_between_two_buckets,
        fixed=_DECIDED,
    ),
    Case(
        "TMF654",
        "ReserveBalance",
        {"usageType": "monetary", "partyAccount": _ACCOUNT},
        prepare=_on_a_bucket,
        fixed=_DECIDED,
    ),
]

CASES = [
    *_BALANCES,
    Case(
        "TMF677",
        "QueryUsageConsumption",
        {"relatedParty": [_CUSTOMER]},
        fixed=frozenset(("usageConsumption",)),
    ),
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
    Case(
        "TMF635",
        "Usage",
        {"usageSpecification": {"id": "voice"}},
        machine=USAGE_STATUS,
        also_at=[f"{_USAGES}/Usage"],
    ),
    Case(
        "TMF635",
        "UsageSpecification",
        {"name": "Voice"},
        also_at=[f"{_USAGES}/UsageSpecification"],
    ),
    Case(
        "TMF678",
        "CustomerBill",
        seed=_a_bill,
        not_here=dict.fromkeys(_OF_ANY_PATCH, "a bill's state is all that can be patched"),
        machine=CUSTOMER_BILL,
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
        _TWENTY_FIVE_DOLLARS,
        also_at=["/payment/v4/payment", "/paymentManagement/v4/payment"],
        fixed=frozenset(("correlatorId", "paymentDate", "statusDate")),
    ),
    Case(
        "TMF676",
        "Refund",
        _TWENTY_FIVE_DOLLARS,
        also_at=["/payment/v4/refund", "/paymentManagement/v4/refund"],
        fixed=frozenset(("correlatorId", "refundDate", "statusDate")),
    ),
]
