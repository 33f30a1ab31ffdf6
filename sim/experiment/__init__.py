"""Questions asked of several worlds at once, and their answers."""
