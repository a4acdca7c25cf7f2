"""TMF678 customerBillOnDemand: a bill now, for what no bill has yet."""
