"""How it is spoken: what a client may ask, JSON frames, the legacy lines, and TCP as ASGI."""
