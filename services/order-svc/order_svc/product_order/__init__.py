"""Product orders (TMF622): taking them, changing them."""
