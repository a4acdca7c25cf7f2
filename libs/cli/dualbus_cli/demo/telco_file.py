"""The customers of telco-customers.csv: who they are, what they hold, what they pay."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Final

from dualbus_cli.places import REPOSITORY

TELCO_FILE: Final = REPOSITORY / "deploy" / "demo" / "data" / "telco-customers.csv"

_INTERNET: Final = {"DSL": "dsl", "Fiber optic": "fibre"}
# Columns that say Yes or something else, and the offering a Yes stands for.
_YES_NO: Final = {
    "OnlineSecurity": "online-security",
    "OnlineBackup": "online-backup",
    "DeviceProtection": "device-protection",
    "TechSupport": "tech-support",
    "StreamingTV": "streaming-tv",
    "StreamingMovies": "streaming-movies",
}
_TERM_MONTHS: Final = {"Month-to-month": 1, "One year": 12, "Two year": 24}
_CHARACTERISTICS: Final = {
    "SeniorCitizen": "seniorCitizen",
    "Partner": "partner",
    "Dependents": "dependents",
    "tenure": "tenureMonths",
    "PaperlessBilling": "paperlessBilling",
    "PaymentMethod": "paymentMethod",
}


@dataclass(frozen=True)
class TelcoCustomer:
    """One line of the file."""

    id: str
    gender: str
    characteristics: Mapping[str, str]
    offerings: tuple[str, ...]
    contract: str
    monthly_charges: Decimal

    @property
    def contract_months(self) -> int:
        return _TERM_MONTHS[self.contract]

    def alteration(self, prices: Mapping[str, Decimal]) -> Decimal:
        """What makes the list prices of the offerings the customer's monthly charge."""
        return self.monthly_charges - sum((prices[one] for one in self.offerings), Decimal(0))


def read_telco_file(path: Path = TELCO_FILE, *, limit: int | None = None) -> list[TelcoCustomer]:
    """The first `limit` customers, or all."""
    with path.open(newline="") as file:
        lines = csv.DictReader(file)
        return [_customer(line) for _, line in zip(range(limit or 1_000_000), lines, strict=False)]


def _customer(line: Mapping[str, str]) -> TelcoCustomer:
    return TelcoCustomer(
        id=line["customerID"],
        gender=line["gender"],
        characteristics={name: line[column] for column, name in _CHARACTERISTICS.items()},
        offerings=_offerings(line),
        contract=line["Contract"],
        monthly_charges=Decimal(line["MonthlyCharges"]),
    )


def _offerings(line: Mapping[str, str]) -> tuple[str, ...]:
    held = []
    if line["PhoneService"] == "Yes":
        held.append("phone")
    if line["MultipleLines"] == "Yes":
        held.append("extra-lines")
    if line["InternetService"] in _INTERNET:
        held.append(_INTERNET[line["InternetService"]])
    held += [offering for column, offering in _YES_NO.items() if line[column] == "Yes"]
    return tuple(held)
