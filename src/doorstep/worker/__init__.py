"""What runs beside the requests: deadlines, webhooks, mails."""
