"""Read your writes: a read that names versions waits until the projection has them."""
