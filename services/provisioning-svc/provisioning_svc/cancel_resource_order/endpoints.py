"""TMF652 cancelResourceOrder: a task is posted, and read."""

from fastapi import APIRouter

from provisioning_svc.cancel_resource_order.declaration import CANCEL_RESOURCE_ORDER
from provisioning_svc.cancel_resource_order.use_cases import cancel_resource_order
from provisioning_svc.cancellation.tasks import cancellation_router

router = APIRouter()
router.include_router(CANCEL_RESOURCE_ORDER.router)
router.include_router(cancellation_router(CANCEL_RESOURCE_ORDER, cancel_resource_order))
