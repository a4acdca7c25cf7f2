"""Service level agreements over HTTP: read only, since orders put and end them."""

from dualbus_tmf.reading import read_router

from assurance_svc.service_level_agreement.repository import ServiceLevelAgreements
from assurance_svc.service_levels import SERVICE_QUALITY_PATH

AGREEMENT_PATH = f"{SERVICE_QUALITY_PATH}/serviceLevelAgreement"

router = read_router(
    ServiceLevelAgreements,
    path=AGREEMENT_PATH,
    indexed={"service.id": "service_id", "product.id": "product_id"},
)
