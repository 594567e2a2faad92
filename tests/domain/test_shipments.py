"""Handing over parcels, handing them over again, changing and removing them."""

import pytest

from doorstep.domain.commands import Holder, ParcelName, RemoveShipment
from doorstep.domain.decide.shipments import gives_up_names, names_of, parcel_names
from tests.domain.builders import DAY, ORDER_NUMBER, an_order, an_order_in, at

CODE = ParcelName("tracking_code", "dhl", "00340")
REFERENCE = ParcelName("reference_number", "", "R-1")

JOHN = {"recipient_first_name": "John", "recipient_city": "Berlin"}


def elsewhere(final_at=None):
    """A parcel of another order that bears the name."""
    return Holder(ORDER_NUMBER + 999, "OTHER", 999_000_000_000_000, final_at)


class TestNames:
    def test_the_tracking_code_goes_with_its_carrier_the_reference_number_alone(self):
        assert parcel_names("00340", "R-1", "DHL") == (CODE, REFERENCE)
        assert parcel_names("00340", None, None) == (ParcelName("tracking_code", "", "00340"),)
        assert parcel_names("", None, "DHL") == ()

    def test_of_a_parcel(self):
        life = an_order()
        number = life.ship("00340", reference_number="R-1", carrier_name="DHL")
        assert names_of(life.parcel_of(number)) == (CODE, REFERENCE)


class TestHandingOver:
    def test_what_is_not_given_has_its_blank(self):
        life = an_order()
        parcel = life.parcel_of(life.ship("00340", at=at(3)))
        assert (parcel.return_parcel, parcel.trackable, parcel.counted) == (False, True, True)
        assert (parcel.status, parcel.delivered_at, parcel.updates) == ("new", None, ())
        assert (parcel.created_at, parcel.fields, parcel.recipient_version) == (at(3), {}, None)

    def test_other_fields_are_kept_apart(self):
        life = an_order()
        number = life.ship("1", comment="ring twice", cod=True, weight=1.5, carrier_country="DE")
        parcel = life.parcel_of(number)
        assert parcel.fields == {"comment": "ring twice", "cod": True, "weight": 1.5}
        assert (parcel.carrier_name, parcel.carrier_country) == ("dhl", "DE")

    @pytest.mark.parametrize(
        ("state", "returns", "code"),
        [
            ("cancelled", False, "order_cancelled"),
            ("refunded", False, "order_refunded"),
            ("cancelled", True, None),
            ("refunded", True, None),
            ("returned", False, None),
            ("returned", True, None),
            ("completed", False, None),
        ],
    )
    def test_on_an_order_in_each_end(self, state, returns, code):
        life = an_order_in(state)
        history, before = life.order.history, len(life.order.shipments)
        command = life.parcel("second", return_parcel=returns)
        if code:
            refusal = life.refused(command)
            assert (refusal.kind, refusal.code) == ("conflict", code)
            assert len(life.order.shipments) == before
            return
        life.do(command)
        assert len(life.order.shipments) == before + 1
        if state != "completed":
            assert (life.order.state, life.order.history) == (state, history)

    def test_local_delivery_needs_a_promise(self):
        refusal = an_order().refused(an_order().parcel("1", local_delivery=True))
        assert (refusal.kind, refusal.code) == ("invalid", "promise_required")
        assert [line.property_path for line in refusal.violations] == ["local_delivery"]
        life = an_order(promised_delivery_date=at(900))
        assert life.parcel_of(life.ship("1", local_delivery=True)).fields == {
            "local_delivery": True
        }

    def test_no_local_delivery_needs_none(self):
        life = an_order()
        life.ship("1", local_delivery=False)

    def test_a_change_to_local_delivery_needs_a_promise_too(self):
        life = an_order()
        number = life.ship("1")
        assert life.refused(life.shipment_change(number, local_delivery=True)).code == (
            "promise_required"
        )
        assert life.refused(life.parcel("1", local_delivery=True)).code == "promise_required"


class TestTheSameParcelAgain:
    @pytest.mark.parametrize(
        "given",
        [
            {"carrier_name": "DHL"},
            {"reference_number": "R-1"},
            {"reference_number": "R-1", "carrier_name": "gls"},
            {"reference_number": "R-2"},
        ],
    )
    def test_by_its_code_or_by_its_reference(self, given):
        life = an_order()
        number = life.ship("00340", reference_number="R-1")
        code = "00340" if given.get("reference_number") != "R-1" else None
        again = life.do(life.parcel(code, **given))
        assert (again.replayed, again.subject) == (True, number)
        assert len(life.order.shipments) == 1

    @pytest.mark.parametrize(
        ("code", "given"),
        [("00341", {}), ("00340", {"carrier_name": "gls"}), ("00340", {"carrier_name": None})],
    )
    def test_another_code_or_another_carrier_is_another_parcel(self, code, given):
        life = an_order()
        life.ship("00340")
        assert not life.do(life.parcel(code, **given)).replayed
        assert len(life.order.shipments) == 2

    def test_exactly_the_same_changes_nothing(self):
        life = an_order()
        given = {"planned_pickup_datetime": at(60), "comment": "x", "recipient": JOHN}
        life.ship("00340", **given)
        before = life.order
        assert life.do(life.parcel("00340", **given)).events == ()
        assert life.order is before

    def test_a_recomputed_pickup_is_taken_over_before_the_scan(self):
        life = an_order()
        number = life.ship("00340", planned_pickup_datetime=at(60), comment="x")
        again = life.do(life.parcel("00340", planned_pickup_datetime=at(61), weight=2))
        assert again.replayed
        parcel = life.parcel_of(number)
        assert parcel.planned_pickup_datetime == at(61)
        assert parcel.fields == {"comment": "x", "weight": 2}

    def test_and_ignored_afterwards(self):
        life = an_order()
        number = life.ship("00340", planned_pickup_datetime=at(60))
        life.scan(number, "pickup")
        before = life.order
        again = life.do(life.parcel("00340", planned_pickup_datetime=at(61), recipient=JOHN))
        assert (again.replayed, again.events) == (True, ())
        assert life.order is before

    def test_the_state_follows_what_is_taken_over(self):
        life = an_order()
        life.ship("00340")
        life.do(life.parcel("00340", counted=False))
        assert life.order.state == "new"

    @pytest.mark.parametrize("state", ["cancelled", "refunded"])
    def test_replayed_on_an_order_that_takes_no_more(self, state):
        life = an_order()
        number = life.ship("00340", counted=state == "refunded")
        life.report(state)
        assert life.do(life.parcel("00340")).subject == number

    def test_the_code_of_one_with_the_reference_of_another(self):
        life = an_order()
        life.ship("00340", reference_number="R-1")
        life.ship("00341", reference_number="R-2")
        before = life.order
        refusal = life.refused(life.parcel("00340", reference_number="R-2"))
        assert (refusal.kind, refusal.code) == ("conflict", "two_parcels")
        assert life.order is before


class TestNamesHeldByAnotherOrder:
    @pytest.mark.parametrize("name", [CODE, REFERENCE])
    def test_a_parcel_on_its_way_keeps_its_names(self, name):
        life = an_order()
        refusal = life.refused(
            life.parcel("00340", reference_number="R-1", holders={name: elsewhere()})
        )
        assert (refusal.kind, refusal.code) == ("conflict", f"{name.kind}_taken")
        assert "OTHER" in refusal.detail
        assert [line.property_path for line in refusal.violations] == [name.kind]
        assert life.order.shipments == ()

    @pytest.mark.parametrize(("age", "free"), [(30 * DAY - 1, False), (30 * DAY, True)])
    def test_until_it_has_been_final_for_30_days(self, age, free):
        life = an_order()
        now = at(100)
        command = life.parcel("00340", holders={CODE: elsewhere(now - age)})
        if free:
            life.do(command, now)
        else:
            assert life.refused(command, now).code == "tracking_code_taken"
        assert len(life.order.shipments) == free

    def test_a_parcel_that_was_never_final_never_gives_up_its_names(self):
        assert not gives_up_names(None, at(10_000_000))

    def test_the_first_parcel_is_replayed_though_its_name_went_to_another(self):
        life = an_order()
        number = life.ship("00340")
        again = life.do(life.parcel("00340", holders={CODE: elsewhere()}))
        assert (again.replayed, again.subject) == (True, number)

    def test_a_change_does_not_take_it_either(self):
        life = an_order()
        number = life.ship("00341")
        change = life.shipment_change(number, tracking_code="00340", holders={CODE: elsewhere()})
        assert life.refused(change).code == "tracking_code_taken"
        change = life.shipment_change(
            number, tracking_code="00340", holders={CODE: elsewhere(at(0) - 40 * DAY)}
        )
        life.do(change)
        assert life.parcel_of(number).tracking_code == "00340"

    def test_nor_from_its_own_order_however_old(self):
        life = an_order()
        life.deliver(life.ship("00340"), at(5))
        second = life.ship("00341")
        change = life.shipment_change(second, tracking_code="00340")
        assert life.refused(change, at(5) + 90 * DAY).code == "tracking_code_taken"

    def test_another_carriers_parcel_of_that_code_is_in_nobodys_way(self):
        life = an_order()
        life.do(life.parcel("00340", carrier_name="gls", holders={CODE: elsewhere()}))
        assert len(life.order.shipments) == 1


class TestChanging:
    def test_before_the_first_scan_everything(self):
        life = an_order()
        number = life.ship("00340", comment="x", weight=1)
        life.scan(number, "info")
        life.put_shipment(
            number, tracking_code="00341", carrier_name="gls", comment=None, trackable=False
        )
        parcel = life.parcel_of(number)
        assert (parcel.tracking_code, parcel.carrier_name, parcel.trackable) == (
            "00341",
            "gls",
            False,
        )
        assert parcel.fields == {"weight": 1}

    @pytest.mark.parametrize(
        "status",
        [
            "pickup",
            "hub_scan",
            "out_for_delivery",
            "delivery_failed",
            "ready_for_collection",
            "delivered",
            "returned_to_sender",
            "lost",
        ],
    )
    def test_after_it_only_comment_tags_and_counted(self, status):
        life = an_order()
        number = life.ship("00340", weight=1)
        life.scan(number, status)
        before = life.order
        refusal = life.refused(
            life.shipment_change(number, weight=2, tracking_code="00341", comment="y")
        )
        assert (refusal.kind, refusal.code) == ("conflict", "shipment_scanned")
        assert [line.property_path for line in refusal.violations] == ["tracking_code", "weight"]
        assert life.order is before
        life.put_shipment(number, comment="y", shipment_tag={"a": "b"}, counted=False)
        parcel = life.parcel_of(number)
        assert parcel.fields == {"weight": 1, "comment": "y", "shipment_tag": {"a": "b"}}
        assert not parcel.counted

    def test_after_it_what_is_the_same_may_be_sent_along(self):
        life = an_order()
        number = life.ship("00340", weight=1, recipient=JOHN)
        life.scan(number, "pickup")
        change = life.shipment_change(
            number, weight=1, tracking_code="00340", comment="y", recipient=JOHN
        )
        life.do(change)
        assert life.parcel_of(number).fields["comment"] == "y"

    def test_after_a_retracted_scan_everything_again(self):
        life = an_order()
        number = life.ship("00340")
        mistake = life.scan(number, "pickup")
        life.scan(number, None, retracts=mistake)
        life.put_shipment(number, tracking_code="00341")
        assert life.parcel_of(number).tracking_code == "00341"

    def test_null_clears_to_the_blank(self):
        life = an_order()
        number = life.ship("00340", reference_number="R-1", return_parcel=True, trackable=False)
        life.put_shipment(number, tracking_code=None, return_parcel=None, trackable=None)
        parcel = life.parcel_of(number)
        assert (parcel.tracking_code, parcel.return_parcel, parcel.trackable) == (None, False, True)

    def test_one_name_has_to_stay(self):
        life = an_order()
        number = life.ship("00340")
        refusal = life.refused(life.shipment_change(number, tracking_code=None))
        assert refusal.kind == "invalid"
        assert [line.property_path for line in refusal.violations] == [
            "tracking_code",
            "reference_number",
        ]
        life.put_shipment(number, tracking_code=None, reference_number="R-1")
        assert names_of(life.parcel_of(number)) == (REFERENCE,)

    def test_its_orders_name_is_accepted_and_another_is_invalid(self):
        life = an_order()
        number = life.ship("00340")
        life.put_shipment(number, order_id=life.order.order_id, comment="x")
        refusal = life.refused(life.shipment_change(number, order_id="OTHER"))
        assert refusal.kind == "invalid"
        assert [line.property_path for line in refusal.violations] == ["order_id"]
        assert life.parcel_of(number).fields == {"comment": "x"}

    def test_what_changes_nothing_leaves_no_event(self):
        life = an_order()
        number = life.ship("00340", comment="x")
        assert life.put_shipment(number, comment="x", weight=None, counted=True).events == ()

    @pytest.mark.parametrize("state", ["cancelled", "refunded"])
    def test_a_label_does_not_become_outbound_on_an_order_that_takes_none(self, state):
        life = an_order_in(state)
        number = life.ship("label", return_parcel=True)
        refusal = life.refused(life.shipment_change(number, return_parcel=False))
        assert (refusal.kind, refusal.code) == ("conflict", f"order_{state}")

    @pytest.mark.parametrize("verb", ["change", "remove"])
    def test_an_unknown_one_is_missing(self, verb):
        life = an_order()
        command = life.shipment_change(1, comment="x") if verb == "change" else RemoveShipment(1)
        refusal = life.refused(command)
        assert (refusal.kind, refusal.code) == ("missing", "shipment_not_found")


class TestCounted:
    def test_reading_a_label_and_writing_it_back_does_not_take_it_out(self):
        """A label beside an outbound parcel is shown as not counted; nobody took it out."""
        life = an_order()
        outbound = life.ship("A")
        label = life.ship("label", return_parcel=True)
        assert life.parcel_of(label) not in life.order.counted_shipments
        assert life.put_shipment(label, counted=False).events == ()
        life.remove_shipment(outbound)
        assert life.parcel_of(label) in life.order.counted_shipments

    def test_an_explicit_false_never_counts(self):
        life = an_order()
        label = life.ship("label", return_parcel=True, counted=False)
        assert life.order.counted_shipments == ()
        assert life.parcel_of(label).fields == {}
        life.put_shipment(label, counted=False)
        assert life.order.state == "new"

    @pytest.mark.parametrize("again", [True, None])
    def test_taken_out_and_back_in(self, again):
        life = an_order()
        number = life.ship("A")
        life.put_shipment(number, counted=False)
        assert not life.parcel_of(number).counted
        life.put_shipment(number, counted=again)
        assert life.parcel_of(number).counted


class TestRemoving:
    @pytest.mark.parametrize("status", [None, "info"])
    def test_until_the_first_scan(self, status):
        life = an_order()
        number = life.ship("A")
        life.scan(number, status)
        life.remove_shipment(number)
        assert life.order.shipments == ()

    @pytest.mark.parametrize("status", ["pickup", "delivered", "lost"])
    def test_not_after_it(self, status):
        life = an_order()
        number = life.ship("A")
        life.scan(number, status)
        refusal = life.refused(RemoveShipment(number))
        assert (refusal.kind, refusal.code) == ("conflict", "shipment_scanned")
        assert life.parcel_of(number).status == status

    def test_the_same_parcel_may_come_again(self):
        life = an_order()
        life.remove_shipment(life.ship("A"))
        assert not life.do(life.parcel("A")).replayed


class TestRecipients:
    def test_each_parcels_person_has_a_version_of_its_own(self):
        life = an_order(recipient={"first_name": "Jane"})
        first = life.ship("A", recipient=JOHN)
        second = life.ship("B", recipient={"recipient_city": "Wien"})
        assert [life.parcel_of(number).recipient_version for number in (first, second)] == [2, 3]
        assert life.order.recipient(2) == JOHN
        assert life.order.recipient_version == 1

    def test_a_change_merges_into_a_new_version(self):
        life = an_order()
        number = life.ship("A", recipient=JOHN)
        life.put_shipment(number, recipient={"recipient_city": "Wien", "recipient_zip": "1200"})
        assert life.parcel_of(number).recipient_version == 2
        assert life.order.recipient(2) == {
            **JOHN,
            "recipient_city": "Wien",
            "recipient_zip": "1200",
        }
        assert life.order.recipient(1) == JOHN

    def test_null_clears_a_field_and_the_last_one_the_version(self):
        life = an_order()
        number = life.ship("A", recipient=JOHN)
        life.put_shipment(number, recipient={"recipient_city": None})
        assert life.order.recipient(2) == {"recipient_first_name": "John"}
        life.put_shipment(number, recipient={"recipient_first_name": None})
        assert life.parcel_of(number).recipient_version is None

    def test_the_same_person_makes_no_version(self):
        life = an_order()
        number = life.ship("A", recipient=JOHN)
        assert life.put_shipment(number, recipient={"recipient_city": "Berlin"}).events == ()

    def test_fixed_with_the_label(self):
        life = an_order()
        number = life.ship("A", recipient=JOHN)
        life.scan(number, "pickup")
        change = life.shipment_change(number, recipient={"recipient_city": "Wien"})
        refusal = life.refused(change)
        assert [line.property_path for line in refusal.violations] == ["recipient_city"]
