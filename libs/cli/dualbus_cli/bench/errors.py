"""What makes a run of the bench worthless."""


class BenchFailed(RuntimeError):
    """The run itself went wrong: orders refused, lost or stuck. Never a slow figure."""
