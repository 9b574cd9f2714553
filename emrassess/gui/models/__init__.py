"""Qt models for whatever is longer than a screen."""
