"""Sessions of the product, written to docs/transcripts by commands; tests compare."""
