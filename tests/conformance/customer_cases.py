"""customer-svc's resources."""

from tests.conformance.case import Case

_PARTY = {"id": "500", "name": "Ada Lovelace", "@referredType": "Individual"}

CASES = [
    Case("TMF632", "Individual", {"givenName": "Ada", "familyName": "Lovelace"}),
    Case("TMF632", "Organization", {"tradingName": "Analytical Engines"}),
    Case("TMF629", "Customer", {"name": "Ada", "engagedParty": _PARTY}),
    Case(
        "TMF651",
        "Agreement",
        {
            "name": "Fibre for two years",
            "agreementType": "commercial",
            "agreementItem": [{}],
            "engagedParty": [_PARTY],
        },
    ),
    Case(
        "TMF651",
        "AgreementSpecification",
        {"name": "Fibre terms", "attachment": [{"url": "https://example.com/terms.pdf"}]},
    ),
]
