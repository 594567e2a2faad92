"""An account's overview: how its orders are doing, at one moment."""

from doorstep.domain.order import DAY
from doorstep.service.accounts import AccountView
from doorstep.service.listing_moment import listing_moment
from doorstep.service.listings import Filter
from doorstep.service.overview_figures import CarrierTimes as CarrierTimes
from doorstep.service.overview_figures import DayCount as DayCount
from doorstep.service.overview_figures import Overview as Overview
from doorstep.service.overview_figures import carrier_times, last_days
from doorstep.service.overview_figures import percent_of as percent_of
from doorstep.service.services import Services
from doorstep.store import overview as stored
from doorstep.store.database import Connection
from doorstep.store.overview import MOST_DELIVERED as MOST_DELIVERED
from doorstep.store.overview import MOST_SHIPPED as MOST_SHIPPED
from doorstep.store.overview import Count as Count
from doorstep.store.overview import Promises as Promises
from doorstep.store.overview import SilentParcel as SilentParcel
from doorstep.store.overview import SilentParcels as SilentParcels

DAYS = 30
"""How far figures of the past reach."""

LEAST_SILENT_DAYS, USUAL_SILENT_DAYS, MOST_SILENT_DAYS = 2, 5, 30
"""How long nothing may be heard of a parcel before it is shown."""


async def overview(
    services: Services, view: AccountView, silent_days: int = USUAL_SILENT_DAYS
) -> Overview:
    """Raises NotUpToDate, StoreUnavailable."""
    silent_days = min(max(silent_days, LEAST_SILENT_DAYS), MOST_SILENT_DAYS)

    async def make() -> Overview:
        return await _read(services, view, silent_days)

    return await services.overviews.get((view.account_id, silent_days), make)


async def _read(services: Services, view: AccountView, silent_days: int) -> Overview:
    # What is open depends on deliveries that the clock alone brings.
    now = await listing_moment(services, view, [Filter("state", "=", "shipped")])
    account_id, since = view.account_id, now - DAYS * DAY
    days = last_days(now, DAYS, view.time_zone)

    async def read(connection: Connection) -> Overview:
        async with connection.snapshot():
            counts = await stored.count_by_day(
                connection, account_id, [(day.first, day.last) for day in days]
            )
            states = await stored.count_by_state(connection, account_id)
            silent_before = now - silent_days * DAY
            deliveries = await stored.read_deliveries(connection, account_id, since, now)
            return Overview(
                as_of=now,
                days=[DayCount(day.date, count) for day, count in zip(days, counts, strict=True)],
                promises=await stored.read_promises(connection, account_id, since, now),
                states=states,
                delayed=await stored.count_delayed(connection, account_id, states, now),
                silent_days=silent_days,
                silent=await stored.read_silent_parcels(
                    connection, account_id, states, silent_before
                ),
                carriers=carrier_times(deliveries.times),
                carriers_are_all=deliveries.is_all,
            )

    return await services.long_reads.run(account_id, read)
