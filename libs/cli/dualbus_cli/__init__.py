"""The `dualbus` command and the embedded servers it stands on."""
