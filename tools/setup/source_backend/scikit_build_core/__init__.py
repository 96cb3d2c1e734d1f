"""See mesonpy.py beside this folder: back-ends that only name the source package."""
