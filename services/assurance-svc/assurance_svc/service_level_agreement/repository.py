"""Where service level agreements are stored."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from dualbus_events.repository import Repository
from dualbus_kit.errors import NotFound

from assurance_svc import tables
from assurance_svc.service_level_agreement.aggregate import ServiceLevelAgreement


class ServiceLevelAgreementNotFound(NotFound):
    code = "serviceLevelAgreementNotFound"
    reason = "The service level agreement does not exist"


class ServiceLevelAgreements(Repository[ServiceLevelAgreement]):
    aggregate = ServiceLevelAgreement
    table = tables.service_level_agreement
    columns: ClassVar[Mapping[str, Callable[[Any], object]]] = {
        "state": lambda document: document.state,
        "service_id": lambda document: document.service.id,
        "product_id": lambda document: document.product.id if document.product else None,
    }
    not_found = ServiceLevelAgreementNotFound
