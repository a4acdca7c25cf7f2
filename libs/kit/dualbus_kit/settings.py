"""What a service is told from outside: one small frozen class, read from the environment."""

from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

Role = Literal["api", "relay", "consumer"]
ALL_ROLES: frozenset[Role] = frozenset(("api", "relay", "consumer"))


class ServiceSettings(BaseSettings):
    """Settings that every service has. `ORDER_PORT` sets `port` of order-svc, and so on.

    A service with settings of its own subclasses this; `of` reads them under the service's prefix.
    """

    model_config = SettingsConfigDict(frozen=True, extra="ignore")

    database_url: str
    host: str = "127.0.0.1"
    port: int
    base_url: str = ""
    roles: Annotated[frozenset[Role], NoDecode] = ALL_ROLES
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    database_pool_size: int = 8
    max_body_bytes: int = 1_000_000
    kafka_bootstrap_servers: str = Field(validation_alias="KAFKA_BOOTSTRAP_SERVERS")
    hub_secret: SecretStr | None = Field(default=None, validation_alias="DUALBUS_HUB_SECRET")
    """What the keys of webhooks' signatures are made from: the same for every service."""

    @field_validator("roles", mode="before")
    @classmethod
    def _split_roles(cls, value: object) -> object:
        return frozenset(value.split(",")) if isinstance(value, str) else value

    @classmethod
    def of(cls, service: str) -> Self:
        """The settings of a service; `service` is its short name, such as `order`."""
        return cls(_env_prefix=f"{service.upper()}_")

    @property
    def public_url(self) -> str:
        """The absolute base of every href: the gateway's address when there is one."""
        return (self.base_url or f"http://{self.host}:{self.port}").rstrip("/")
