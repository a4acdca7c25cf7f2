"""Recording products that were not ordered here, such as those of a system that is replaced."""

from collections.abc import Mapping
from typing import Any

from dualbus_events.contract.order import Product as ProductDocument
from dualbus_events.tmforum.definition import resource_definition
from dualbus_kit.ids import new_id
from dualbus_tmf.bodies import validated
from dualbus_tmf.declaration import check_required
from dualbus_tmf.hrefs import Addressed, href_of
from dualbus_tmf.profiles import required_of
from dualbus_tmf.state_machines import PRODUCT

from order_svc.product.aggregate import completed
from order_svc.product.errors import ProductStatusUnknown
from order_svc.product_order.intake import PRODUCT_PATH

_REQUIRED = required_of(resource_definition("TMF637", "Product"))


def recorded_product(body: Mapping[str, Any], addressed: Addressed) -> ProductDocument:
    """The product a POST brings, in whatever status it is; nothing is delivered or charged for it.

    Raises Invalid, saying what is wrong and where.
    """
    check_required(body, _REQUIRED)
    product_id = new_id()
    document = validated(
        ProductDocument,
        {
            "@type": "Product",
            **{name: value for name, value in body.items() if value is not None},
            "id": product_id,
            "href": href_of(addressed, PRODUCT_PATH, product_id),
        },
    )
    if document.status not in PRODUCT.states:
        raise ProductStatusUnknown(
            f"status: {document.status!r} is not one of {', '.join(sorted(PRODUCT.states))}"
        )
    return completed(document)
