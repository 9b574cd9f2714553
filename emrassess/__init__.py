"""emrassess: hospitals assess themselves against the EMR grading standard."""

__version__ = "0.1.0"
