"""See mesonpy.py: what setup.py packages name as their back-end."""

import mesonpy as __legacy__  # noqa: F401
from mesonpy import *  # noqa: F401,F403
