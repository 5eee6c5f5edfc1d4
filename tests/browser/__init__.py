"""A package, so that Chromium and its loop end with these tests, and others of the same process run after them."""
