"""order-svc: product catalogue, product orders and their process manager, product inventory."""
