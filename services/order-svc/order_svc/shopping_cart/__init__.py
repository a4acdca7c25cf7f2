"""Shopping carts (TMF663): they price themselves, and become a quote or an order in one call."""
