"""Fault scenarios: real servers and clients, something that breaks, and one judge for all."""
