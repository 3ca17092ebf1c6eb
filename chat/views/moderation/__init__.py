"""The page "Moderation": what waits for moderators, what holds, and what was done."""
