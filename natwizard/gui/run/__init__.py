"""A run in the window: its thread, its model, its profile, and the saving of its report."""
