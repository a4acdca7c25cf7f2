"""Monthly list prices from the catalogue's files."""

from decimal import Decimal
from pathlib import Path

from dualbus_cli.catalogue.reading import CatalogueFiles, read_catalogue


def monthly_prices(catalogue: Path) -> tuple[CatalogueFiles, dict[str, Decimal]]:
    """The catalogue, and what each offering costs a month. Raises CatalogueInvalid."""
    files = read_catalogue([catalogue])
    by_price = {
        entry.id: Decimal(str(entry.body["price"]["value"]))
        for entry in files.entries
        if entry.kind == "productOfferingPrice" and entry.body["priceType"] == "recurring"
    }
    return files, {
        entry.id: sum(
            (by_price.get(ref["id"], Decimal(0)) for ref in entry.body["productOfferingPrice"]),
            Decimal(0),
        )
        for entry in files.entries
        if entry.kind == "productOffering"
    }
