"""TMF679 productOfferingQualification: HTTP in and out."""

from dualbus_events.contract.preorder import ProductOfferingQualification
from dualbus_events.unit_of_work import UnitOfWork
from dualbus_tmf import openapi
from dualbus_tmf.bodies import PATCH_TYPES, parse_object
from dualbus_tmf.dependencies import ResourceId, Uow, load_one, service_of
from dualbus_tmf.idempotency import answer_once
from dualbus_tmf.reading import read_router
from dualbus_tmf.writing import changed, check_if_match, created
from fastapi import APIRouter, Request, Response

from order_svc.product_offering_qualification.repository import ProductOfferingQualifications
from order_svc.product_offering_qualification.use_cases import PATH, ask, ask_anew

router = APIRouter(tags=["productOfferingQualification"])
router.include_router(read_router(ProductOfferingQualifications, path=PATH))
_RESOURCE = "productOfferingQualification"


@router.post(PATH, **openapi.create_operation(_RESOURCE, ProductOfferingQualification, required=[]))
async def create_product_offering_qualification(request: Request) -> Response:
    """201 with the answer: qualified or not, and why not."""
    body = await parse_object(request)

    async def answer(uow: UnitOfWork) -> Response:
        return created(await ask(uow, body))

    return await answer_once(request, service_of(request).database, scope=PATH, work=answer)


@router.patch(PATH + "/{id}", **openapi.patch_operation(_RESOURCE, ProductOfferingQualification))
async def patch_product_offering_qualification(
    request: Request, resource_id: ResourceId, uow: Uow
) -> Response:
    """Merge a patch; what is asked differently is answered anew."""
    patch = await parse_object(request, media_types=PATCH_TYPES)
    qualification = await load_one(uow, ProductOfferingQualifications, resource_id)
    check_if_match(request, qualification)
    await ask_anew(uow, qualification, patch)
    return changed(qualification)


@router.delete(PATH + "/{id}", **openapi.delete_operation(_RESOURCE))
async def delete_product_offering_qualification(
    request: Request, resource_id: ResourceId, uow: Uow
) -> Response:
    """Forget a question and its answer."""
    qualification = await load_one(uow, ProductOfferingQualifications, resource_id)
    check_if_match(request, qualification)
    qualification.delete()
    return Response(status_code=204)
