"""Pages for people: the tracking page that customers see."""
