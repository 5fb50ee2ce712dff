"""How statuses, charts and limit bars look: tokens and painting with QtGui, for window and PDF."""
