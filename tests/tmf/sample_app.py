"""A small service with a catalogue, customers, alarms and product orders, for the tests here."""

from dataclasses import dataclass
from typing import Any

import orjson
from dualbus_events.aggregate import Aggregate
from dualbus_events.contract import assurance, catalog, customer, order
from dualbus_events.document import customer_of
from dualbus_events.repository import Repository, document_table
from dualbus_events.unit_of_work import Database
from dualbus_kit.errors import Invalid
from dualbus_kit.service import Process, create_app
from dualbus_kit.settings import ServiceSettings
from dualbus_tmf.reading import read_router
from dualbus_tmf.resource import CATALOG_DEFAULTS, StateRule, declare
from dualbus_tmf.state_machines import ALARM
from fastapi import FastAPI
from sqlalchemy import Column, DateTime, MetaData, Text
from sqlalchemy.dialects.postgresql import JSONB

METADATA = MetaData()
CATEGORIES = "/tmf-api/productCatalogManagement/v4/category"
CUSTOMERS = "/tmf-api/customerManagement/v4/customer"
ALARMS = "/tmf-api/alarm/v4/alarm"
ORDERS = "/tmf-api/productOrderingManagement/v4/productOrder"


def _refuse_own_parent(document: catalog.Category) -> None:
    if document.parent_id == document.id:
        raise Invalid(f"parentId: category {document.id} can't be its own parent")


category = declare(
    catalog.CATEGORY,
    path=CATEGORIES,
    table=document_table("category", METADATA),
    create=catalog.CATEGORY.event("CategoryCreateEvent"),
    change=catalog.CATEGORY.event("CategoryAttributeValueChangeEvent"),
    delete=catalog.CATEGORY.event("CategoryDeleteEvent"),
    required=("name",),
    defaults=CATALOG_DEFAULTS,
    touched="lastUpdate",
    client_ids=True,
    check=_refuse_own_parent,
)

customers = declare(
    customer.CUSTOMER,
    path=CUSTOMERS,
    table=document_table("customer", METADATA, Column("name", Text, nullable=False)),
    columns={"name": lambda document: document.name},
    create=customer.CustomerCreateEvent,
    change=customer.CustomerAttributeValueChangeEvent,
    delete=customer.CustomerDeleteEvent,
    required=("name", "engagedParty"),
    customer_of=lambda document: document.id,
)

alarms = declare(
    assurance.ALARM,
    path=ALARMS,
    table=document_table("alarm", METADATA, Column("state", Text, nullable=False)),
    columns={"state": lambda document: document.state},
    create=assurance.AlarmCreateEvent,
    change=assurance.AlarmAttributeValueChangeEvent,
    state=StateRule("state", ALARM, assurance.AlarmStateChangeEvent),
    required=("alarmType", "alarmRaisedTime", "alarmedObject", "state"),
    unpatchable={"alarmRaisedTime"},
    operations={"read", "create", "patch"},
)


class ProductOrder(Aggregate[order.ProductOrder]):
    document_type = order.ProductOrder

    @property
    def customer_id(self) -> str | None:
        return customer_of(self.document.related_party)


class ProductOrders(Repository[ProductOrder]):
    aggregate = ProductOrder
    table = document_table(
        "product_order",
        METADATA,
        Column("state", Text, nullable=False),
        Column("order_date", DateTime(timezone=True), nullable=False),
        Column("party_ids", JSONB, nullable=False),
        Column("external_id", Text),
    )
    columns = {  # noqa: RUF012 - a ClassVar of the base
        "state": lambda document: document.state,
        "order_date": lambda document: document.order_date,
        "party_ids": lambda document: orjson.dumps([p.id for p in document.related_party or []]),
        "external_id": lambda document: document.external_id,
    }


@dataclass(frozen=True)
class SampleState:
    database: Database
    settings: ServiceSettings


def sample_app(database: Database) -> FastAPI:
    settings = ServiceSettings(
        database_url="unused",
        port=8102,
        base_url="http://dualbus.example",
        KAFKA_BOOTSTRAP_SERVERS="unused",
    )
    routers = [
        category.router,
        customers.router,
        alarms.router,
        read_router(ProductOrders, path=ORDERS, indexed={"relatedParty.id": "party_ids"}),
    ]
    state = SampleState(database, settings)
    return create_app(Process("sample", settings, routers, parts=(), state=state))


def an_order(order_id: str = "o1", **attributes: Any) -> order.ProductOrder:
    body = {
        "id": order_id,
        "href": f"http://dualbus.example{ORDERS}/{order_id}",
        "state": "acknowledged",
        "orderDate": "2026-01-31T09:30:00.000Z",
        "productOrderItem": [{"id": "1", "action": "add"}],
        **attributes,
    }
    return order.ProductOrder.model_validate(body)
