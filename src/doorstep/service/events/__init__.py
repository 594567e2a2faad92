"""The log as others read it: events in the API's own words, as CloudEvents, with their schemas."""
