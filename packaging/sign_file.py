"""Signs one file in its place, as makensis asks for it: sign_file.py FILE."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from steps.signing import sign_file

sign_file(Path(sys.argv[1]))
