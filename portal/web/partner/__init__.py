"""The training partner's room of the desk."""
