"""A bot in the terminal, while it trades."""
