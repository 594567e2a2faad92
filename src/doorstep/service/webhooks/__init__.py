"""Webhooks: what they are signed with, where they may go, and sending one."""
