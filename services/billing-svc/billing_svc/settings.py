"""What billing-svc is told from outside."""

from zoneinfo import ZoneInfo

from dualbus_kit.settings import ServiceSettings
from pydantic import Field, field_validator


class BillingSettings(ServiceSettings):
    """`time_zone` (IANA) decides on which day something starts; bills are due in `payment_days`.

    A reservation on a bucket that names no end is released after `reservation_seconds`.
    """

    time_zone: str = "UTC"
    payment_days: int = Field(default=14, ge=0)
    reservation_seconds: float = Field(default=3600, gt=0)

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        ZoneInfo(value)
        return value

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)
