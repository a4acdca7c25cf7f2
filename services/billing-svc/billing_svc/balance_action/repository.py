"""Where actions are stored."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from dualbus_events.repository import Repository

from billing_svc import tables
from billing_svc.balance_action.errors import BalanceActionNotFound
from billing_svc.balance_action.reserve_balance import ReserveBalance
from billing_svc.balance_action.topup_balance import AdjustBalance, TopupBalance
from billing_svc.balance_action.transfer_balance import TransferBalance

_COLUMNS: Mapping[str, Callable[[Any], object]] = {
    "bucket_id": lambda document: document.bucket.id,
}


class TopupBalances(Repository[TopupBalance]):
    aggregate = TopupBalance
    table = tables.topup_balance
    columns: ClassVar[Mapping[str, Callable[[Any], object]]] = _COLUMNS
    not_found = BalanceActionNotFound


class AdjustBalances(Repository[AdjustBalance]):
    aggregate = AdjustBalance
    table = tables.adjust_balance
    columns: ClassVar[Mapping[str, Callable[[Any], object]]] = _COLUMNS
    not_found = BalanceActionNotFound


class TransferBalances(Repository[TransferBalance]):
    aggregate = TransferBalance
    table = tables.transfer_balance
    columns: ClassVar[Mapping[str, Callable[[Any], object]]] = _COLUMNS
    not_found = BalanceActionNotFound


class ReserveBalances(Repository[ReserveBalance]):
    aggregate = ReserveBalance
    table = tables.reserve_balance
    columns: ClassVar[Mapping[str, Callable[[Any], object]]] = _COLUMNS
    not_found = BalanceActionNotFound
