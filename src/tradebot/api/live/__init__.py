"""What happens in a bot, brought to many listeners without making it wait."""
