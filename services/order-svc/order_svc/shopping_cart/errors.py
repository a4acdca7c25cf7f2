"""What can't be done with a shopping cart."""

from dualbus_kit.errors import Conflict, NotFound


class ShoppingCartNotFound(NotFound):
    code = "shoppingCartNotFound"
    reason = "There is no such shopping cart"


class ShoppingCartOrdered(Conflict):
    code = "shoppingCartOrdered"
    reason = "The shopping cart was ordered and can't be changed any more"


class ShoppingCartEmpty(Conflict):
    code = "shoppingCartEmpty"
    reason = "There is nothing in the shopping cart that could be ordered"


class ShoppingCartExpired(Conflict):
    code = "shoppingCartExpired"
    reason = "The shopping cart is no longer valid"
