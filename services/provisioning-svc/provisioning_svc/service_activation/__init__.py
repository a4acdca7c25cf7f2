"""Activating and configuring single services (TMF640)."""
