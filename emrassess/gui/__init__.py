"""The window: Qt at the edge. Pages read the session's immutable values and write only through operations."""
