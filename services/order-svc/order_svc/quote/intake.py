"""From a channel's body to a quote, and what a patch makes of one. No IO."""

from collections.abc import Mapping
from typing import Any

from dualbus_events.contract.preorder import Quote
from dualbus_events.tmforum.definition import resource_definition
from dualbus_kit.clock import timestamp_now
from dualbus_kit.ids import new_id
from dualbus_tmf.bodies import validated
from dualbus_tmf.declaration import check_required
from dualbus_tmf.hrefs import Addressed, href_of
from dualbus_tmf.profiles import required_of
from dualbus_tmf.writing import merge_patch

from order_svc.catalogue.offers import Offer
from order_svc.pricing.offered import offered_prices
from order_svc.pricing.totals import total_prices

PATH = "/tmf-api/quoteManagement/v4/quote"
_REQUIRED = required_of(resource_definition("TMF648", "Quote"))
_UNPATCHABLE = frozenset(("quoteDate", "effectiveQuoteCompletionDate", "productOrder"))
_PRICED_BY = frozenset(("quoteItem", "relatedParty"))


def new_quote(body: Mapping[str, Any], addressed: Addressed) -> Quote:
    """The quote a POST brings, in progress and not priced. Raises InvalidBody: what and where."""
    check_required(body, _REQUIRED)
    quote_id = new_id()
    quote = validated(
        Quote,
        {
            "@type": "Quote",
            "quoteDate": timestamp_now(),
            "state": "inProgress",
            **{name: value for name, value in body.items() if value is not None},
            "id": quote_id,
            "href": href_of(addressed, PATH, quote_id),
        },
    )
    # The server's to say; what a channel sends there is checked for its form and not stored.
    quote.state = "inProgress"
    quote.effective_quote_completion_date = quote.product_order = None
    return quote


def price_quote(quote: Quote, offers: Mapping[str, Offer]) -> bool:
    """Give every item the catalogue's prices, and the quote its total; True if none is missing.

    An item whose offering the catalogue does not have keeps the price it was given by hand.
    """
    complete = True
    for item in quote.quote_item:
        prices = offered_prices(item.product_offering, item.action, item.quote_item_price, offers)
        if prices is not None:
            item.quote_item_price = prices or None
        complete &= prices is not None or bool(item.quote_item_price)
    priced = ((item.quote_item_price or [], item.quantity or 1) for item in quote.quote_item)
    quote.quote_total_price = total_prices(priced) or None
    return complete


def patched_quote(quote: Quote, patch: Mapping[str, Any]) -> tuple[Quote, bool]:
    """The quote after a merge patch, and whether its items have to be priced anew.

    A total that is sent is not taken: it is worked out. Raises NotPatchable and InvalidBody.
    """
    changes = {name: value for name, value in patch.items() if name != "quoteTotalPrice"}
    check_required({**quote.to_dict(), **changes}, _REQUIRED)
    return merge_patch(quote, changes, unpatchable=_UNPATCHABLE), bool(_PRICED_BY & changes.keys())
