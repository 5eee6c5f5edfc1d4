"""What the desk refuses about accounts, credentials and sessions: a stable reason and the figures of its sentence."""


class IdentityError(Exception):
    """Whoever came is not let in, or a device's answer does not hold; nothing was changed."""

    def __init__(self, reason: str, **figures: str | int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.figures = figures
