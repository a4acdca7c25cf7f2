"""Settings come from the environment, each service's under its own prefix."""

import pytest
from dualbus_kit.settings import ServiceSettings
from pydantic import ValidationError


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setenv("ORDER_DATABASE_URL", "postgresql://here/order_svc")
    monkeypatch.setenv("ORDER_PORT", "8102")
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:9092")
    return monkeypatch


def test_a_service_reads_its_own_variables(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("ORDER_ROLES", "relay,consumer")

    settings = ServiceSettings.of("order")

    assert settings.port == 8102
    assert settings.roles == {"relay", "consumer"}
    assert settings.public_url == "http://127.0.0.1:8102"


def test_the_gateway_is_the_public_url_when_it_is_set(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("ORDER_BASE_URL", "https://api.operator.example/")

    assert ServiceSettings.of("order").public_url == "https://api.operator.example"


def test_what_is_missing_is_named(environment: pytest.MonkeyPatch) -> None:
    environment.delenv("ORDER_DATABASE_URL")

    with pytest.raises(ValidationError, match="database_url"):
        ServiceSettings.of("order")


def test_an_unknown_role_is_refused(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("ORDER_ROLES", "api,boss")

    with pytest.raises(ValidationError, match="boss"):
        ServiceSettings.of("order")
