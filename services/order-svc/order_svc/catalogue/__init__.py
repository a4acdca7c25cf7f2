"""The product catalogue (TMF620), its fulfilment plans, and what may be sold of it."""
