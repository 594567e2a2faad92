"""The tree of commands: what each is called, and where it is.

A command's module is imported where it is called or its help is shown, as all of them together
take most of a second.
"""

from typing import Any

from cyclopts import App

from doorstep import __version__


class Tree(App):
    def help_print(self, *given: Any, **named: Any) -> None:
        # A list of commands says nothing of those that were not imported.
        for each in self.resolved_commands().values():
            each.resolved_commands()
        super().help_print(*given, **named)


tree = Tree(
    name="doorstep",
    help="Leads an order from placed to on the doorstep.",
    version=__version__,
    print_error=False,
    exit_on_error=False,
)
tree.command("doorstep.cli.serving:serve")
tree.command("doorstep.cli.working:worker")
tree.command("doorstep.cli.demo:demo")
tree.command("doorstep.cli.information:show_config", name="config")
tree.command("doorstep.cli.information:version")
tree.command("doorstep.cli.databases:migrate")
tree.command("doorstep.cli.databases:verify")
tree.command("doorstep.cli.databases:backup")
tree.command("doorstep.cli.transfers:export")
tree.command("doorstep.cli.transfers:import_all", name="import")
tree.command("doorstep.cli.purging:purge_orders", name="purge")

accounts = tree.command(App(name="account", help="Accounts: one for each shop."))
accounts.command("doorstep.cli.accounts:create_account", name="create")
accounts.command("doorstep.cli.accounts:list_accounts", name="list")
accounts.command("doorstep.cli.accounts:set_account", name="set")

keys = tree.command(App(name="key", help="Access keys of an account."))
keys.command("doorstep.cli.keys:create_key", name="create")
keys.command("doorstep.cli.keys:list_keys", name="list")
keys.command("doorstep.cli.keys:revoke_key", name="revoke")

warehouses = tree.command(App(name="warehouse", help="Warehouses of an account."))
warehouses.command("doorstep.cli.accounts:set_warehouse", name="set")

mails = tree.command(App(name="mail", help="Mails to customers."))
mails.command("doorstep.cli.mails:preview")
mails.command("doorstep.cli.mails:send_sample", name="test")
