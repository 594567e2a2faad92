"""The pages of the settings."""

from doorstep.web.dashboard.page import Page
from doorstep.web.dashboard.settings import (
    access_keys,
    carriers,
    mails,
    shop,
    warehouses,
)
from doorstep.web.dashboard.settings.section import (
    ACCESS_KEYS,
    CARRIERS,
    MAILS,
    SHOP,
    WAREHOUSES,
)

PAGES = (
    Page(SHOP, shop.page, shop.change),
    Page(MAILS, mails.page, mails.change),
    Page(WAREHOUSES, warehouses.page, warehouses.change),
    Page(CARRIERS, carriers.page, carriers.change),
    Page(ACCESS_KEYS, access_keys.page, access_keys.change),
)
