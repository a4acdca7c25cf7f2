"""The contract as files: schemas, the AsyncAPI document, pages, releases, and their check."""
