"""The log of a server: how lines look, where they come from, and how many there may be.

Loggers are used as everywhere in Python. `LOGGING` in the settings sends all of them through the
handler in `counting`, which writes to standard error, and the formatters in `formats`.
"""
