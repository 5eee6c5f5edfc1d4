"""Papers: PDF from HTML that was set elsewhere. Knows neither the web nor the database."""
