"""
Who is at the desk: accounts, passkeys, sessions, and drafts of statements that wait for signatures.

1. Nothing here is the record. Accounts, mail addresses and sessions are personal data and stay erasable; they live in
   tables (or a file) of their own and never enter the log.
2. Nobody signs for anybody: the server holds no person's key. It keeps public halves and what a device signed.
3. A session is known by the SHA-256 of its id; who steals the table can open no desk.
"""
