"""The planner's window: arithmetic with live results, telephone numbers, the checklist."""
