"""TMF676 refund over HTTP: a POST is answered at once, giving comes after its commit."""

from billing_svc.payment.posting import Kind, movement_router
from billing_svc.refund.aggregate import Refund
from billing_svc.refund.refunding import REFUND_TIMER
from billing_svc.refund.repository import Refunds

router = movement_router(Kind(Refund, Refunds, REFUND_TIMER))
