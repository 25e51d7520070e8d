"""What each address does, a file for each part of the interface."""
