"""TMF666 billing accounts: opened by channels, or by the first order of a customer."""
