"""
Acts that need no account: sealed bids and questions, signed by keys made for them alone.

No cookies, no sessions: the signature is the whole authority. Whoever could forge a request could only send what somebody
signed, and that is welcome from anywhere. Bodies are read in pieces and bounded before anything is parsed.
"""
