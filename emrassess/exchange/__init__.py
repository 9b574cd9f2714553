"""What leaves the program and what comes in from outside: answers files, scores, evidence packages."""
