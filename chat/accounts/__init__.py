"""Accounts: their life, login sessions, administrators, and limits on attempts to sign in.

Every function is synchronous. Callers import the modules: `from chat.accounts import lifecycle`.
"""
