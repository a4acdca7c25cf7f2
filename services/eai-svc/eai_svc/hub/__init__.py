"""Webhooks: every subscriber reads the log at its own pace and gets what it asked for."""
