"""A service level agreement: in force from the activation to the end of the service."""

from datetime import datetime

from dualbus_events.aggregate import Aggregate
from dualbus_events.contract.assurance import (
    ServiceLevelAgreement as ServiceLevelAgreementDocument,
)
from dualbus_events.contract.assurance import (
    ServiceLevelAgreementCreateEvent,
    ServiceLevelAgreementStateChangeEvent,
)
from dualbus_events.document import customer_of

from assurance_svc.extensions import extensions
from assurance_svc.service_level_agreement.states import AGREEMENT_STATE

_PUT_BY, _ENDED_BY = "productOrder", "endedBy"


class ServiceLevelAgreement(Aggregate[ServiceLevelAgreementDocument]):
    """What was promised for one service, and which orders put and ended it."""

    document_type = ServiceLevelAgreementDocument

    @property
    def customer_id(self) -> str | None:
        return customer_of(self.document.related_party)

    @property
    def active(self) -> bool:
        return self.document.state == "active"

    @property
    def specification_id(self) -> str:
        return self.document.service_level_specification.id

    def put_by(self, order_id: str) -> bool:
        """Whether this order put it on the service."""
        return _names(extensions(self.document).get(_PUT_BY), order_id)

    def ended_by(self, order_id: str) -> bool:
        """Whether this order ended it."""
        return _names(extensions(self.document).get(_ENDED_BY), order_id)

    def put(self, *, order_id: str) -> None:
        """Take force, because of an order."""
        AGREEMENT_STATE.check_initial(self.document.state)
        extensions(self.document)[_PUT_BY] = _order(order_id)
        self.record(ServiceLevelAgreementCreateEvent)

    def terminate(self, *, at: datetime, order_id: str) -> None:
        """End at the moment the service ended, because of an order."""
        self._move_to("terminated", ends=at)
        extensions(self.document)[_ENDED_BY] = _order(order_id)
        self.record(ServiceLevelAgreementStateChangeEvent)

    def restore(self) -> None:
        """Be in force again, as if never ended."""
        self._move_to("active", ends=None)
        extensions(self.document).pop(_ENDED_BY, None)
        self.record(ServiceLevelAgreementStateChangeEvent)

    def _move_to(self, state: str, *, ends: datetime | None) -> None:
        AGREEMENT_STATE.check(self.document.state, state, resource_id=self.id)
        self.document.state = state
        self.document.agreement_period.end_date_time = ends


def _order(order_id: str) -> dict[str, str]:
    return {"id": order_id, "@referredType": "ProductOrder"}


def _names(reference: object, order_id: str) -> bool:
    return isinstance(reference, dict) and reference.get("id") == order_id
