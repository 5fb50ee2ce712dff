"""What administrators set: the profile, its addresses, and how the window looks."""
