"""What ods-svc is told from outside beside what every service is told."""

from dualbus_kit.settings import ServiceSettings


class OdsSettings(ServiceSettings):
    """`ODS_CONSISTENCY_SECONDS`: how long a read waits for the writes its token names."""

    consistency_seconds: float = 2.0
