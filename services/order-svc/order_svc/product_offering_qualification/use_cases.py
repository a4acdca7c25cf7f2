"""Answering qualifications from the catalogue's rules and the customer's products."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from dualbus_events.contract.preorder import ProductOfferingQualification as QualificationDocument
from dualbus_events.document import customer_of
from dualbus_events.unit_of_work import UnitOfWork
from dualbus_kit.clock import timestamp_now
from dualbus_kit.ids import new_id
from dualbus_tmf.bodies import validated
from dualbus_tmf.hrefs import href_of
from dualbus_tmf.state_machines import PRODUCT_OFFERING_QUALIFICATION
from dualbus_tmf.writing import merge_patch

from order_svc.catalogue.offers import current_catalogue
from order_svc.product.reading import held_offerings, known_products
from order_svc.product_offering_qualification.aggregate import ProductOfferingQualification
from order_svc.product_offering_qualification.qualifying import alternative_ids, as_order, qualify
from order_svc.product_order.decision import Grounds, offering_id

PATH = "/tmf-api/productOfferingQualification/v4/productOfferingQualification"
_UNPATCHABLE = frozenset(
    ("qualificationResult", "effectiveQualificationDate", "productOfferingQualificationDate")
)
_ASKS = frozenset(
    (
        "productOfferingQualificationItem",
        "relatedParty",
        "provideAlternative",
        "provideOnlyAvailable",
        "provideUnavailabilityReason",
    )
)


async def ask(uow: UnitOfWork, body: Mapping[str, Any]) -> ProductOfferingQualification:
    """A new qualification with its answer. Raises InvalidBody."""
    qualification_id = new_id()
    document = validated(
        QualificationDocument,
        {
            "@type": "ProductOfferingQualification",
            "productOfferingQualificationDate": timestamp_now(),
            "state": "done",
            **{name: value for name, value in body.items() if value is not None},
            "id": qualification_id,
            "href": href_of(uow, PATH, qualification_id),
        },
    )
    await _answer(uow, document)
    qualification = ProductOfferingQualification(document)
    qualification.create()
    uow.add(qualification)
    return qualification


async def ask_anew(
    uow: UnitOfWork, qualification: ProductOfferingQualification, patch: Mapping[str, Any]
) -> None:
    """Merge a patch; one that changes what is asked is answered anew.

    Raises IllegalStateMove, NotPatchable and InvalidBody.
    """
    document = merge_patch(qualification.document, patch, unpatchable=_UNPATCHABLE)
    before = qualification.document.state
    if document.state != before:
        PRODUCT_OFFERING_QUALIFICATION.check(before, document.state, resource_id=qualification.id)
    if document == qualification.document:
        return
    if _ASKS & patch.keys():
        await _answer(uow, document)
    qualification.replace(document)


async def _answer(uow: UnitOfWork, document: QualificationDocument) -> None:
    items = document.product_offering_qualification_item or []
    for position, item in enumerate(items, start=1):
        item.id = item.id or str(position)
        item.action = item.action or "add"
    order = as_order(document, items)
    held = {i.product.id for i in order.product_order_item if i.product and i.product.id}
    products = await known_products(uow.connection, {one for one in held if one})
    wanted = {offering_id(item, products) for item in order.product_order_item}
    catalogue = await current_catalogue(uow.connection)
    await catalogue.load(uow.connection, {one for one in wanted if one})
    customer = customer_of(document.related_party)
    grounds = Grounds(
        offers=catalogue.offers,
        products=products,
        now=catalogue.now,
        held=await held_offerings(uow.connection, [customer] if customer else []),
    )
    if document.provide_alternative:
        await catalogue.load(uow.connection, alternative_ids(items, grounds))
    qualify(document, replace(grounds, offers=catalogue.offers))
