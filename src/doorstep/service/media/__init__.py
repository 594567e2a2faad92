"""Pictures that others put on the web: fetched under the guard, and drawn anew for our pages."""
