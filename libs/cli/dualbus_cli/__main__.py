"""`python -m dualbus_cli`: the same as `dualbus`."""

from dualbus_cli.main import main

main()
