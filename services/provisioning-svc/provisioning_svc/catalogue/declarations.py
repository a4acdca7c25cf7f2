"""The resources of both catalogues, one declaration each."""

from dualbus_events.contract import network_catalog
from dualbus_events.contract.network_catalog import ResourceSpecification
from dualbus_tmf.defined_resource import declare_defined

from provisioning_svc import tables
from provisioning_svc.resource.pool import pool_of


def _check_pool(specification: ResourceSpecification) -> None:
    pool_of(specification.to_dict())


SERVICE_CATALOG = declare_defined(
    network_catalog.SERVICE_CATALOG, table=tables.service_catalog, client_ids=True
)
SERVICE_CATEGORY = declare_defined(
    network_catalog.SERVICE_CATEGORY, table=tables.service_category, client_ids=True
)
SERVICE_CANDIDATE = declare_defined(
    network_catalog.SERVICE_CANDIDATE, table=tables.service_candidate, client_ids=True
)
SERVICE_SPECIFICATION = declare_defined(
    network_catalog.SERVICE_SPECIFICATION, table=tables.service_specification, client_ids=True
)
"""`resourceSpecification` lists what its design assigns; `elementServiceType` is its name on the
network element, where that differs."""

RESOURCE_CATALOG = declare_defined(
    network_catalog.RESOURCE_CATALOG, table=tables.resource_catalog, client_ids=True
)
RESOURCE_CATEGORY = declare_defined(
    network_catalog.RESOURCE_CATEGORY, table=tables.resource_category, client_ids=True
)
RESOURCE_CANDIDATE = declare_defined(
    network_catalog.RESOURCE_CANDIDATE, table=tables.resource_candidate, client_ids=True
)
RESOURCE_SPECIFICATION = declare_defined(
    network_catalog.RESOURCE_SPECIFICATION,
    table=tables.resource_specification,
    client_ids=True,
    check=_check_pool,
)
"""`pool` says which values its resources have: see `Pool`."""

ROUTERS = (
    SERVICE_CATALOG.router,
    SERVICE_CATEGORY.router,
    SERVICE_CANDIDATE.router,
    SERVICE_SPECIFICATION.router,
    RESOURCE_CATALOG.router,
    RESOURCE_CATEGORY.router,
    RESOURCE_CANDIDATE.router,
    RESOURCE_SPECIFICATION.router,
)
