"""The use cases, by resource, and the group commit that they share."""
