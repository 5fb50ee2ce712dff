"""The window's first lines: how large it is, where its rail ends, mark and name on top of that.

Numbers alone: the window is shown with them before the rest of the program is loaded, and its
rail keeps to the same places.
"""

NAME = "natwizard"
# With a title bar of 32 and a task bar of 48 it fits a screen of 1024 x 768
SIZE = (960, 680)
SMALLEST = (800, 480)
# Beside the rail's words less than 644 would be left for the page: it keeps its icons alone
NARROW_BELOW = 860
RAIL_WIDTH = 216
NARROW_RAIL_WIDTH = 56
HEIGHT = 64
INSET = 20
MARK_PX = 28
GAP = 10
NAME_PX = 16
