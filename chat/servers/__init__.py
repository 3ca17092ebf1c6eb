"""The servers that run the ASGI application: uvicorn (`serve`), Daphne (`runserver`) and plain TCP.

`sockets` opens and configures listening sockets; `tcp` serves the legacy port; `http` with its
parts, `websocket`, `framing`, `worker` and `supervisor` adapt uvicorn; `daphne` adapts Daphne;
`clients` finds the address of a client; `lifespan` starts and stops what runs beside the website.
"""
