"""Charges over HTTP, to read: TM Forum has no such resource (TMF678 rates are its bill lines)."""

from dualbus_tmf.reading import read_router

from billing_svc.charge.repository import Charges
from billing_svc.charge.use_cases import PATH

router = read_router(
    Charges,
    path=PATH,
    tag="charging",
    indexed={
        "relatedParty.id": "customer_id",
        "billingAccount.id": "account_id",
        "product.id": "product_id",
    },
)
