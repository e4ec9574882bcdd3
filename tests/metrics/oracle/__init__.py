"""A second implementation of the semantic layer in plain Python, written from docs/metrics.md."""
