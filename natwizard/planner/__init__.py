"""Storage, API calls, bandwidth, numbers: arithmetic with sources."""
