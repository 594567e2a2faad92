"""Pages for people: the tracking page that customers see, and the shop's dashboard."""
