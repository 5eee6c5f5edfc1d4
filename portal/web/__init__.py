"""The web edge: views, their rendering, and the controllers that fill them."""
