"""The window's first lines: how large it is, where its rail ends, mark and name on top of that.

Numbers alone: the window is shown with them before the rest of the program is loaded, and its
rail keeps to the same places.
"""

NAME = "natwizard"
SIZE = (960, 680)
SMALLEST = (800, 480)
NARROW_BELOW = 860
RAIL_WIDTH = 216
NARROW_RAIL_WIDTH = 56
HEIGHT = 64
INSET = 20
MARK_PX = 28
GAP = 10
NAME_PX = 16
