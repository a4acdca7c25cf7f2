"""TMF676 payment over HTTP: a POST is answered at once, authorising comes after its commit."""

from billing_svc.payment.aggregate import Payment
from billing_svc.payment.posting import Kind, movement_router
from billing_svc.payment.repository import Payments
from billing_svc.payment.settling import PAYMENT_TIMER

router = movement_router(Kind(Payment, Payments, PAYMENT_TIMER))
