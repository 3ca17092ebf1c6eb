"""The two protocols: commands, JSON frames, and the lines of the legacy port.

Pure: bytes or text in, commands out; lines of the log in, bytes out. Nothing here does I/O or
imports from the other layers.
"""
