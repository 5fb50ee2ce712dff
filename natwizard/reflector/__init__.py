"""The far end, for those who can host one, and for demo and tests."""
