"""TMF666 accounts that nothing is charged on, and how bills are made, as their definitions say."""

from dualbus_events.contract.billing import (
    BILL_FORMAT,
    BILL_PRESENTATION_MEDIA,
    BILLING_CYCLE_SPECIFICATION,
    FINANCIAL_ACCOUNT,
    PARTY_ACCOUNT,
    SETTLEMENT_ACCOUNT,
)
from dualbus_tmf.defined_resource import declare_defined
from dualbus_tmf.states import StateMachine

from billing_svc import tables


def _account_states(name: str) -> StateMachine:
    """As of a billing account: TMF666 v4 leaves `state` a free string."""
    return StateMachine(name, initial={"active"}, moves={"active": {"closed"}})


PARTY_ACCOUNT_RESOURCE = declare_defined(
    PARTY_ACCOUNT, table=tables.party_account, machine=_account_states("PartyAccount")
)
SETTLEMENT_ACCOUNT_RESOURCE = declare_defined(
    SETTLEMENT_ACCOUNT,
    table=tables.settlement_account,
    machine=_account_states("SettlementAccount"),
)
FINANCIAL_ACCOUNT_RESOURCE = declare_defined(
    FINANCIAL_ACCOUNT, table=tables.financial_account, machine=_account_states("FinancialAccount")
)
BILLING_CYCLE_SPECIFICATION_RESOURCE = declare_defined(
    BILLING_CYCLE_SPECIFICATION, table=tables.billing_cycle_specification
)
BILL_FORMAT_RESOURCE = declare_defined(BILL_FORMAT, table=tables.bill_format)
BILL_PRESENTATION_MEDIA_RESOURCE = declare_defined(
    BILL_PRESENTATION_MEDIA, table=tables.bill_presentation_media
)

ROUTERS = [
    resource.router
    for resource in (
        PARTY_ACCOUNT_RESOURCE,
        SETTLEMENT_ACCOUNT_RESOURCE,
        FINANCIAL_ACCOUNT_RESOURCE,
        BILLING_CYCLE_SPECIFICATION_RESOURCE,
        BILL_FORMAT_RESOURCE,
        BILL_PRESENTATION_MEDIA_RESOURCE,
    )
]
