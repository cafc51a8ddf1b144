"""Bringing queued messages out: mails one by one, texts through the sender that holds the bind."""
