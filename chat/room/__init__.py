"""What is true: the rules of a room, synchronous, each in one transaction."""
