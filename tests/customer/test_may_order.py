"""Who may order, by the customer's own attributes."""

import pytest
from customer_svc.customer.declaration import may_order
from customer_svc.customer.states import CUSTOMER_STATUS
from dualbus_events.contract.customer import Customer
from dualbus_tmf.states import IllegalStateMove


def a_customer(**changes: object) -> Customer:
    body = {"id": "1", "name": "Ada", "engagedParty": {"id": "9"}, **changes}
    return Customer.model_validate(body)


def test_customer_may_order_unless_something_says_no() -> None:
    customer = a_customer(characteristic=[{"name": "segment", "value": False}])

    assert may_order(customer)


@pytest.mark.parametrize("value", [False, "false", "False"])
def test_characteristic_may_order_bars(value: object) -> None:
    customer = a_customer(characteristic=[{"name": "mayOrder", "value": value}])

    assert not may_order(customer)


def test_extension_attribute_may_order_bars() -> None:
    assert not may_order(a_customer(mayOrder=False))
    assert may_order(a_customer(mayOrder=True))


def test_closed_customer_stays_closed() -> None:
    with pytest.raises(IllegalStateMove, match="from closed to active"):
        CUSTOMER_STATUS.check("closed", "active")

    assert CUSTOMER_STATUS.final == {"closed"}
