"""`dualbus demo`: a file of customers through the whole system, every figure checked."""
