"""Formatting: finds the markup in a text, and describes how a text with markup is shown.

A text is kept as it was typed. Beside it stand its spans, which say what each part of it is. They
are made once, when a message is said or edited, so that all pages, mails and exports agree.
"""
