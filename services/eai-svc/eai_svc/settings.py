"""The settings of eai-svc beside those of every service."""

from dualbus_kit.settings import ServiceSettings


class EaiSettings(ServiceSettings):
    """`EAI_VAS_PLATFORM_URL` and so on: one address for each outside system."""

    vas_platform_url: str = "http://127.0.0.1:8122"
    attempts: int = 7
    """Tries of one call; with the pauses of the call queue 7 are about 16 s."""
