"""The servers that run the ASGI application: uvicorn (`serve`), Daphne (`runserver`) and plain TCP.

`sockets` opens and configures listening sockets; `tcp` serves the legacy port; `websocket`,
`framing`, `worker` and `supervisor` adapt uvicorn; `daphne` adapts Daphne; `lifespan` starts and
stops what runs beside the website.
"""
