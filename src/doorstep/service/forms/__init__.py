"""What requests and the pages' forms may hold, field by field."""
