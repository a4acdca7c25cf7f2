"""Services: what is realized for a product (TMF638)."""
