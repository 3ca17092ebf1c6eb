"""How clients and server speak: commands, JSON frames, and the lines of the legacy protocol.

Pure: bytes or text in, commands out; lines of the log in, bytes out. Nothing here does I/O or
imports from the other layers.
"""
