"""The walk through the order workflow that `make run` prints, ready to paste into a shell."""

WALK = """\
  base_url={base_url}
  access_key={access_key}

  # 1. a token, valid for 60 minutes
  token=$(curl -s $base_url/v2/token -d '{{"access_key": "'$access_key'"}}' | cut -d'"' -f4)
  auth="Authorization: Bearer $token"

  # 2. an order, an item, its progress
  curl -s $base_url/v2/order -H "$auth" -d '{{"order_id": "ORD-1", "language": "en",
    "promised_delivery_date": "2030-01-20", "boarding_complete": false}}'; echo
  curl -s $base_url/v2/orders/ORD-1/items -H "$auth" -d '{{"sku": "TSHIRT-BLUE-M"}}'; echo
  curl -s $base_url/v2/order_states -H "$auth" -d '{{"order_id": "ORD-1", "state": "paid"}}'; echo

  # 3. the first parcel: the order is shipped; 4. the last one is on board
  curl -s $base_url/v2/shipments -H "$auth" -d '{{"order_id": "ORD-1", "tracking_code": "T-1",
    "carrier": {{"name": "dhl", "country": "DE"}}}}'; echo
  curl -s -X PUT $base_url/v2/orders/ORD-1 -H "$auth" -d '{{"boarding_complete": true}}'; echo

  # 5. the carrier delivers: the order is completed
  curl -s $base_url/v2/carrier_updates -H "$auth" -d '{{"tracking_code": "T-1",
    "status": "delivered", "datetime": "'$(date -u +%Y-%m-%dT%H:%M:%SZ)'"}}'; echo
  curl -s $base_url/v2/orders/ORD-1 -H "$auth"; echo
"""


def walk(base_url: str, access_key: str) -> str:
    return WALK.format(base_url=base_url, access_key=access_key)
