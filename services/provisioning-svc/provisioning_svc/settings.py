"""The settings of provisioning-svc beside those of every service."""

from dualbus_kit.settings import ServiceSettings


class ProvisioningSettings(ServiceSettings):
    """`PROVISIONING_NETWORK_ELEMENT_URL` and so on."""

    network_element_url: str = "http://127.0.0.1:8121"
    element_wait_ms: int = 100
    """How long the element may hold a batch for its slow members before it answers the others."""
    element_attempts: int = 7
    """Tries of one operation; with the pauses of the call queue 7 are about 16 s."""
