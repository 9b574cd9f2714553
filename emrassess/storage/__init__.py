"""The workspace on disk: a SQLite file, evidence by digest, an audit trail. Callers see only frozen dataclasses.

Nothing is imported here, so that looking at one part does not load SQLAlchemy.
"""
