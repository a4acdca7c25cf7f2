"""The settings of eai-svc beside those of every service."""

from ipaddress import IPv4Network, IPv6Network
from typing import Annotated

from dualbus_kit.settings import ServiceSettings
from pydantic import field_validator
from pydantic_settings import NoDecode


class EaiSettings(ServiceSettings):
    """`EAI_VAS_PLATFORM_URL` and so on: one address for each outside system."""

    vas_platform_url: str = "http://127.0.0.1:8122"
    attempts: int = 7
    """Tries of one call; with the pauses of the call queue 7 are about 16 s."""

    hub_allowed_networks: Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode] = ()
    """Inside networks that callbacks may reach, such as `10.1.0.0/16,127.0.0.0/8`."""
    hub_attempts: int = 10
    """Posts of one event that its subscriber refuses; 10 take about 9 minutes."""
    hub_first_pause_seconds: float = 1.0
    hub_silent_seconds: float = 86_400.0
    """How long a subscriber may be silent until it is parked."""
    hub_timeout_seconds: float = 10.0

    @field_validator("hub_allowed_networks", mode="before")
    @classmethod
    def _split_networks(cls, value: object) -> object:
        return tuple(value.split(",")) if isinstance(value, str) and value else value or ()
