"""Every statement stays within an account: keys begin with it, and every query names it."""
