"""The product inventory (TMF637): what customers hold."""
