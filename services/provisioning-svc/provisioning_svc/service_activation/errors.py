"""What a request to activate or configure a service is refused for."""

from dualbus_kit.errors import Conflict


class ServiceNotRealizable(Conflict):
    code = "serviceNotRealizable"
    reason = "The service can't be realized"


class ServiceOfProduct(Conflict):
    code = "serviceOfProduct"
    reason = "The service realizes a product; an order for the product changes it"


class ServiceBeingConfigured(Conflict):
    code = "serviceBeingConfigured"
    reason = "Another request or order is changing the service"


class ServiceActive(Conflict):
    code = "serviceActive"
    reason = "The service is active: it has to be inactive to be configured otherwise"
