"""What `packaging/build.py` does, one file a step."""
