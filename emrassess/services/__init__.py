"""What a user can do, one verb a function. Writes return Changes; no function here knows a screen."""
