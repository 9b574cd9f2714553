"""The rules of the standard: frozen dataclasses and pure functions. No files, no SQL, no Qt, no YAML."""
