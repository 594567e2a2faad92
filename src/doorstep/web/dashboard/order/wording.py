"""What the page of an order calls things."""

from doorstep.web.dashboard.wording import _

FIELDS = {
    "first_name": _("First name"),
    "last_name": _("Last name"),
    "street": _("Street"),
    "house_no": _("House number"),
    "zip_code": _("Zip code"),
    "city": _("City"),
    "country": _("Country"),
    "email": _("E-mail"),
    "phone": _("Phone"),
    "recipient_company_name": _("Company"),
    "recipient_first_name": _("First name"),
    "recipient_last_name": _("Last name"),
    "recipient_address": _("Address"),
    "recipient_zip": _("Zip code"),
    "recipient_city": _("City"),
    "recipient_country": _("Country"),
    "recipient_email": _("E-mail"),
    "recipient_phone": _("Phone"),
    "comment": _("Comment"),
    "reference_number_2": _("Second reference number"),
    "carrier_service": _("Carrier service"),
    "pickup_point_selected": _("To a pickup point"),
    "local_delivery": _("Local delivery"),
    "goods_value": _("Value of goods"),
    "goods_value_currency": _("Currency"),
    "cod": _("Cash on delivery"),
    "cod_reference": _("Cash on delivery reference"),
    "cod_value": _("Cash on delivery amount"),
    "weight": _("Weight"),
    "warehouse": _("Warehouse"),
    "warehouse_address": _("Warehouse address"),
    "shipment_tag": _("Tags"),
    "sku": _("SKU"),
    "appearance": _("Appearance"),
    "size": _("Size"),
    "bundle_item": _("Part of a bundle"),
    "description": _("Description"),
    "sales_price": _("Price"),
    "item_value": _("Value"),
    "currency": _("Currency"),
    "returnable": _("Can be returned"),
    "shipment_id": _("Parcel"),
    "external_id": _("External ID"),
    "hs_code": _("HS code"),
    "origin_country": _("Country of origin"),
    "shop_product_url": _("Product page"),
    "image_url": _("Picture"),
}
"""By wire name, in the order in which they are shown."""

ITEM_STATUSES = {
    "new": _("New"),
    "in_production": _("In production"),
    "in_preparation": _("In preparation"),
    "shipped": _("Shipped"),
    "delivered": _("Delivered"),
    "returned": _("Returned"),
    "refunded": _("Refunded"),
    "cancelled": _("Cancelled"),
}

MAIL_KINDS = {
    "paid": _("Paid"),
    "in_production": _("In production"),
    "in_preparation": _("In preparation"),
    "shipped": _("Shipped"),
    "out_for_delivery": _("Out for delivery"),
    "delivered": _("Delivered"),
    "delayed": _("Delayed"),
}

MAIL_STATUSES = {
    "waiting": _("Waiting"),
    "sent": _("Sent"),
    "skipped": _("Not sent"),
    "given_up": _("Given up"),
}

OUTCOMES = {
    "delivered": _("Delivered"),
    "failed": _("Failed"),
    "given_up": _("Given up"),
}
"""By the outcome of an attempt to send a webhook."""

DONE = {
    "state": _("The state was reported."),
    "state_again": _("This had already been reported: nothing was changed."),
    "boarding": _("It was saved whether all parcels are announced."),
    "update": _("The carrier update was recorded."),
    "update_again": _("This carrier update had already been recorded: nothing was changed."),
    "counted": _("The parcel is counted now."),
    "not_counted": _("The parcel is no longer counted."),
}
