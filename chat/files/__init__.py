"""Files that people send: what they are, images without metadata, and where they are stored."""
