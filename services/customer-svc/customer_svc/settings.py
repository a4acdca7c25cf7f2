"""The settings of customer-svc beside those of every service."""

from pathlib import Path

from dualbus_kit.settings import ServiceSettings


class CustomerSettings(ServiceSettings):
    """`CUSTOMER_SMTP_HOST` and so on: where messages to customers go.

    Without a channel for its type a message fails, and says so.
    """

    smtp_host: str | None = None
    """E-mail goes to this server."""
    smtp_port: int = 25
    message_sender: str = "no-reply@localhost"
    """The sender of messages that name none."""
    message_file: Path | None = None
    """All other messages, and e-mail without a server, become lines of JSON in this file."""
