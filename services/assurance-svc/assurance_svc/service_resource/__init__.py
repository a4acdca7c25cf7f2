"""Which services stand on which resources: a projection of provisioning's services."""
