"""What serves which path: `table` holds all routes, the other files those of one resource."""
