"""customer-svc: who the operator deals with (TMF632 parties) and sells to (TMF629 customers)."""
