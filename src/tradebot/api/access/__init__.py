"""Who may ask for what: passwords, tokens, sessions, roles."""
