"""What billing-svc is made of."""

from pathlib import Path

from dualbus_events.batches import ConsumerSpec
from dualbus_events.service import ServiceSpec, TimerSpec
from dualbus_tmf.hub.endpoints import with_hubs
from dualbus_tmf.second_base import second_base_router

from billing_svc import account, usage
from billing_svc.balance_action import endpoints as balance_actions
from billing_svc.balance_action.use_cases import RESERVATION, reservations_ended
from billing_svc.billing_account import endpoints as accounts
from billing_svc.billing_account import handlers as account_handlers
from billing_svc.bucket import endpoints as buckets
from billing_svc.bucket.use_cases import BUCKET_END, buckets_ended
from billing_svc.charge import endpoints as charges
from billing_svc.charge import handlers as charge_handlers
from billing_svc.customer_bill import endpoints as bills
from billing_svc.customer_bill_on_demand import endpoints as bills_on_demand
from billing_svc.participant import HANDLERS
from billing_svc.payment import endpoints as payments
from billing_svc.payment.settling import CREDIT_TIMER, PAYMENT_TIMER, credit_due, payments_due
from billing_svc.refund import endpoints as refunds
from billing_svc.refund.refunding import REFUND_TIMER, refunds_due
from billing_svc.settings import BillingSettings
from billing_svc.tables import METADATA
from billing_svc.usage_consumption import endpoints as usage_consumption

# Importing these registers their handlers on the one consumer.
_HANDLING = (account_handlers, charge_handlers)
_PAYMENTS = "/tmf-api/paymentManagement/v4"
_KITS_PAYMENTS = "/paymentManagement/v4"
_USAGES = "/tmf-api/usageManagement/v4"

SERVICE = ServiceSpec(
    name="billing",
    title="Billing: accounts, usage, buckets, charges, bills, payments",
    metadata=METADATA,
    migrations=Path(__file__).parent / "migrations" / "versions",
    routers=[
        accounts.router,
        *account.ROUTERS,
        charges.router,
        bills.router,
        bills_on_demand.router,
        *usage.ROUTERS,
        payments.router,
        buckets.router,
        balance_actions.router,
        usage_consumption.router,
        refunds.router,
        # TMF676's definition says the first, its kit the second.
        *(second_base_router(second, base=_PAYMENTS) for second in ("/payment/v4", _KITS_PAYMENTS)),
        # TMF635's kit posts to usage, and then asks for Usage.
        second_base_router(f"{_USAGES}/Usage", base=f"{_USAGES}/usage"),
        second_base_router(f"{_USAGES}/UsageSpecification", base=f"{_USAGES}/usageSpecification"),
    ],
    consumers=[ConsumerSpec(group="billing-svc.task", number=1, handlers=HANDLERS)],
    timers=[
        TimerSpec(PAYMENT_TIMER, payments_due),
        TimerSpec(CREDIT_TIMER, credit_due),
        TimerSpec(RESERVATION, reservations_ended),
        TimerSpec(BUCKET_END, buckets_ended),
        TimerSpec(REFUND_TIMER, refunds_due),
    ],
    settings=BillingSettings,
)
SERVICE = with_hubs(SERVICE)
