"""How the window looks and reads: theme, stylesheet, focus order, language, its own texts."""
