"""The Django project: settings, addresses and the ASGI application.

`__version__` has three numbers, MAJOR.MINOR.PATCH. PATCH is raised by corrections, MINOR by
features and by whatever an operator has to know or do (see CHANGES.md). MAJOR stays 0 until the
protocols and settings are declared stable.
"""

__version__ = "0.9.0"
