"""All that a database holds as lines, written out and read in again."""
