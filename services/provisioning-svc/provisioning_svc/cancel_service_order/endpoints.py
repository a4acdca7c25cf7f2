"""TMF641 cancelServiceOrder: a task is posted, and read."""

from fastapi import APIRouter

from provisioning_svc.cancel_service_order.declaration import CANCEL_SERVICE_ORDER
from provisioning_svc.cancel_service_order.use_cases import cancel_service_order
from provisioning_svc.cancellation.tasks import cancellation_router

router = APIRouter()
router.include_router(CANCEL_SERVICE_ORDER.router)
router.include_router(cancellation_router(CANCEL_SERVICE_ORDER, cancel_service_order))
