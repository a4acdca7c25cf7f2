"""Whose view a resource belongs to, when it may concern several customers."""

from dualbus_events.document import RelatedParty


def customers_among(parties: list[RelatedParty] | None) -> list[str]:
    """The ids of all related parties in the role of customer, each once."""
    found = (party.id for party in parties or [] if (party.role or "").casefold() == "customer")
    return list(dict.fromkeys(found))


def only_customer(parties: list[RelatedParty] | None) -> str | None:
    """The one customer; None when there is none, or more than one."""
    customers = customers_among(parties)
    return customers[0] if len(customers) == 1 else None
