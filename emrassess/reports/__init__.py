"""What an assessment looks like on paper, in a table and in a browser: gathered once, rendered by each writer."""
