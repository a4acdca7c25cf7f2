"""Service orders: what provisioning was asked to do (TMF641)."""
