"""Mails to customers: which are due, what they say, and what became of them."""
