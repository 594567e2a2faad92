"""The pages of the settings."""

from doorstep.web.dashboard.page import Page
from doorstep.web.dashboard.settings import (
    access_keys,
    carriers,
    mails,
    shop,
    warehouses,
    webhook_deliveries,
    webhook_endpoint,
    webhook_endpoints,
)
from doorstep.web.dashboard.settings.section import (
    ACCESS_KEYS,
    CARRIERS,
    MAILS,
    SHOP,
    WAREHOUSES,
    WEBHOOK_ENDPOINTS,
)

ENDPOINT = f"{WEBHOOK_ENDPOINTS}/{{endpoint_number}}"

PAGES = (
    Page(SHOP, shop.page, shop.change),
    Page(MAILS, mails.page, mails.change),
    Page(WAREHOUSES, warehouses.page, warehouses.change),
    Page(CARRIERS, carriers.page, carriers.change),
    Page(ACCESS_KEYS, access_keys.page, access_keys.change),
    Page(WEBHOOK_ENDPOINTS, webhook_endpoints.page, webhook_endpoints.change),
    Page(ENDPOINT, webhook_endpoint.page, webhook_endpoint.change),
    Page(f"{ENDPOINT}/deliveries", webhook_deliveries.page),
)
