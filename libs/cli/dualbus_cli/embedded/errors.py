"""What can go wrong while a server starts, said once and with the way out."""


class EmbeddedServerUnavailable(RuntimeError):
    """An embedded server can't be started here; the message names what to do instead."""


class ServerUnreachable(RuntimeError):
    """A server that should be up doesn't let us in; the message names its address."""
