"""The page that the agent's own browser opens, and the small server on loopback behind it."""
