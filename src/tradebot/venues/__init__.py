"""What the feed and the broker of one venue share: its addresses, and how a socket is read without losing anything."""
