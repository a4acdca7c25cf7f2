"""What can go wrong while a server starts, said once and with the way out."""


class EmbeddedServerUnavailable(RuntimeError):
    """An embedded server can't be started here; the message names what to do instead."""
