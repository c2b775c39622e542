"""Papers: what a letter says goes in, the bytes of a Word or PDF file come out. Knows no model and no user."""
