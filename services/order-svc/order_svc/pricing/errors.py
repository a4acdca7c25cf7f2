"""What can't be priced."""

from dualbus_kit.errors import Invalid


class PriceNotOffered(Invalid):
    code = "priceNotOffered"
    reason = "The offering has no such price"


class PriceNotComputable(Invalid):
    code = "priceNotComputable"
    reason = "The price can't be worked out"
