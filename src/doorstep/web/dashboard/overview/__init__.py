"""How the account's orders are doing: `/`."""
