"""The embedded database: SQLite in one file, written by one process."""
