"""The asyncio part: the members who are connected to this process, and what each has been sent."""
