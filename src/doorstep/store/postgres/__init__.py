"""The database on a PostgreSQL server, written by any number of processes."""
