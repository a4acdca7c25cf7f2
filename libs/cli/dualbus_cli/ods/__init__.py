"""The ODS against its owners: verified, rebuilt, filled anew."""
