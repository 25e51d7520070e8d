"""What a run tells of itself: its log files."""
