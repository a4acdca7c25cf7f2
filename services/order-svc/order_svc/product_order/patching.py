"""What a patch may change of a product order. No IO."""

from collections.abc import Mapping
from typing import Any

from dualbus_events.contract.order import ProductOrder as ProductOrderDocument
from dualbus_tmf.state_machines import PRODUCT_ORDER
from dualbus_tmf.writing import NotPatchable, merge_patch, merged

from order_svc.product_order.errors import (
    ProductOrderInvalid,
    ProductOrderItemsNeedIfMatch,
    ProductOrderStateNotPatchable,
)

_SERVER_SETS = frozenset(
    ("orderDate", "completionDate", "cancellationDate", "cancellationReason", "relatedParty")
)
_ITEM_FIXED = frozenset(
    ("action", "state", "quantity", "productOffering", "product", "itemPrice", "errorMessage",
     "productOrderItemRelationship", "billingAccount")
)  # fmt: skip
_CANCELLING = ("assessingCancellation", "pendingCancellation", "cancelled")


def patched_order(
    document: ProductOrderDocument,
    patch: Mapping[str, Any],
    *,
    has_process: bool,
    has_if_match: bool,
) -> ProductOrderDocument:
    """The order after a merge patch. Raises Invalid or Conflict, naming what can't be changed.

    Items are merged by their ids, those the patch leaves out stay: two patches of two items are
    both kept. A patch of several items needs If-Match, for it may carry old copies of some.
    """
    target = patch.get("state", document.state)
    if target != document.state:
        _check_state(document, str(target), has_process=has_process)
    changes = dict(patch)
    if "productOrderItem" in changes:
        changes["productOrderItem"] = _items(
            document, changes["productOrderItem"], has_if_match=has_if_match
        )
    return merge_patch(document, changes, unpatchable=_SERVER_SETS)


def _check_state(document: ProductOrderDocument, target: str, *, has_process: bool) -> None:
    move = {"from": document.state, "to": target}
    which = f"Product order {document.id} can't be moved from {document.state} to {target}"
    if target in _CANCELLING:
        raise ProductOrderStateNotPatchable(
            f"{which} by a patch: POST a cancelProductOrder", extra=move
        )
    PRODUCT_ORDER.check(document.state, target, resource_id=document.id)
    if has_process:
        raise ProductOrderStateNotPatchable(
            f"{which} by a patch: its process does that", extra=move
        )


def _items(
    document: ProductOrderDocument, patches: object, *, has_if_match: bool
) -> list[dict[str, Any]]:
    if not isinstance(patches, list) or not all(isinstance(one, dict) for one in patches):
        raise ProductOrderInvalid("productOrderItem: a list of items is expected")
    if len(patches) > 1 and not has_if_match:
        raise ProductOrderItemsNeedIfMatch(
            f"The patch names {len(patches)} items of product order {document.id}: "
            "send If-Match with the ETag of the version they come from, or one item at a time"
        )
    items = {item.id: item.to_dict() for item in document.product_order_item}
    for position, patch in enumerate(patches):
        item = items.get(str(patch.get("id")))
        if item is None:
            raise ProductOrderInvalid(
                f"productOrderItem.{position}.id: there is no item {patch.get('id')!r}"
            )
        fixed = sorted(name for name in _ITEM_FIXED & patch.keys() if patch[name] != item.get(name))
        if fixed:
            names = ", ".join(f"productOrderItem.{position}.{name}" for name in fixed)
            raise NotPatchable(f"{names}: can't be changed by a patch")
        merged_item = merged(item, patch)
        items[item["id"]] = merged_item if isinstance(merged_item, dict) else item
    return list(items.values())
