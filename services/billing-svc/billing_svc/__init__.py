"""billing-svc: billing accounts, charges, bills and their lines."""
