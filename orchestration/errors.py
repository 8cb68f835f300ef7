"""The base of every error that is told to a person in one sentence."""


class LedgerError(Exception):
    """What a person can mend; its text is one sentence: what is wrong, where, and what to do."""
