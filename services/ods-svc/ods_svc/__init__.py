"""ods-svc: one current view of every customer, a projection of both buses."""
