"""The OpenAPI document, made from the routes that serve and the types that decode and encode."""
