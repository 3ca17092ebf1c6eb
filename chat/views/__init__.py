"""The pages of the website.

Views translate between requests and `chat.accounts`, and hold no rules. `chat.urls` imports the
modules of this package.
"""
