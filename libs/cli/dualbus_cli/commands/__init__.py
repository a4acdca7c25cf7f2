"""Sub-commands of `dualbus`: a module each, with a typer `app`, listed in `main.py`."""
