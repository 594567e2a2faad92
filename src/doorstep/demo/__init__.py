"""A simulated shop for `doorstep demo`: it uses doorstep as a shop does, by the Python client."""
