"""TM Forum's own definitions as data, and the documents that are made of them."""
