"""What one batch comes to: its page, and its summary on a terminal."""
