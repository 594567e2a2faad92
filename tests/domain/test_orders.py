"""Creating an order, creating it again, changing and deleting it."""

import msgspec
import pytest

from doorstep.domain.commands import DeleteOrder, UpdateOrder
from doorstep.domain.decide import as_of_now
from doorstep.domain.order import StateEntry
from tests.domain.builders import ORDER_ID, ORDER_NUMBER, Life, an_order, an_order_in, at

JOHN = {"first_name": "John", "city": "Berlin", "email": "john@example.com"}
JANE = {"first_name": "Jane", "city": "Wien"}

GIVEN = {
    "order_date": at(-60),
    "order_url": "https://shop.example.com/orders/1",
    "language": "de_DE",
    "boarding_complete": True,
    "order_tags": {"campaign": "summer"},
    "promised_delivery_date": at(5000),
    "order_items": [{"sku": "A"}, {"sku": "B", "weight": 180}],
}


class TestCreating:
    def test_with_everything(self):
        life = an_order(**GIVEN, recipient=JOHN)
        order = life.order
        for name in (
            "order_date",
            "order_url",
            "language",
            "boarding_complete",
            "order_tags",
            "promised_delivery_date",
        ):
            assert getattr(order, name) == GIVEN[name]
        assert [item.fields for item in order.items] == GIVEN["order_items"]
        assert order.recipient(order.recipient_version) == JOHN
        assert (order.created_at, order.updated_at) == (at(0), at(0))
        assert order.history == (StateEntry(1, "new", at(0), None),)

    def test_with_nothing(self):
        order = an_order().order
        assert (order.order_id, order.order_number, order.state) == (ORDER_ID, ORDER_NUMBER, "new")
        assert order.order_date == at(0)
        assert (order.boarding_complete, order.recipient_version) == (None, None)
        assert (order.order_tags, order.items, order.shipments) == ({}, (), ())

    def test_the_subject_of_a_first_request_is_not_replayed(self):
        assert not Life().create(**GIVEN).replayed


class TestTheSameOrderAgain:
    def again(self, life, recipient=None, **given):
        return life.do(life.creation(given, recipient))

    def conflict(self, life, recipient=None, **given):
        before = life.order
        refusal = life.refused(life.creation(given, recipient))
        assert (refusal.kind, refusal.code) == ("conflict", "order_exists")
        assert f"PUT /v2/orders/{ORDER_NUMBER}" in refusal.detail
        assert life.order is before
        return [line.property_path for line in refusal.violations]

    def test_the_creating_request_is_replayed(self):
        life = an_order(**GIVEN, recipient=JOHN)
        before = life.order
        again = self.again(life, JOHN, **GIVEN)
        assert (again.replayed, again.events) == (True, ())
        assert life.order is before

    def test_even_when_everything_has_changed_since(self):
        life = an_order(**GIVEN, recipient=JOHN)
        life.do(UpdateOrder({"language": "fr", "order_tags": {}}, JANE))
        life.set_item(life.order.items[0].item_number, "refunded")
        assert self.again(life, JOHN, **GIVEN).replayed

    @pytest.mark.parametrize("name", [*GIVEN, None])
    def test_each_field_that_is_given_and_equal_is_replayed(self, name):
        life = an_order(**GIVEN, recipient=JOHN)
        given = {} if name is None else {name: GIVEN[name]}
        assert self.again(life, **given).replayed

    def test_equal_to_what_is_stored_now_is_replayed(self):
        life = an_order(**GIVEN, recipient=JOHN)
        life.do(UpdateOrder({"language": "fr"}, JANE))
        assert self.again(life, JANE, language="fr").replayed

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("order_date", at(-61)),
            ("order_url", "https://shop.example.com/orders/2"),
            ("language", "de"),
            ("boarding_complete", False),
            ("order_tags", {"campaign": "winter"}),
            ("promised_delivery_date", at(5001)),
            ("order_items", [{"sku": "A"}]),
        ],
    )
    def test_a_field_that_differs_is_named(self, name, value):
        life = an_order(**GIVEN, recipient=JOHN)
        assert self.conflict(life, **{**GIVEN, name: value}) == [name]

    def test_all_fields_that_differ_are_named(self):
        life = an_order(**GIVEN, recipient=JOHN)
        assert self.conflict(life, JANE, language="fr", order_url="") == [
            "language",
            "order_url",
            "recipient",
        ]

    def test_the_creating_request_for_another_person_is_not_the_same(self):
        life = an_order(**GIVEN, recipient=JOHN)
        life.put(language="fr")
        assert "recipient" in self.conflict(life, JANE, **GIVEN)

    def test_an_order_that_is_being_replayed_is_brought_up_to_date(self):
        life = an_order(promised_delivery_date=at(10))
        life.wait(at(9))
        again = life.do(life.creation({"promised_delivery_date": at(10)}), at(20))
        assert again.replayed
        assert again.order.delayed_at == at(10)


class TestChanging:
    def test_only_the_given_fields(self):
        life = an_order(**GIVEN, recipient=JOHN)
        before = life.order
        decided = life.put(language="fr", order_url=GIVEN["order_url"])
        (event,) = decided.events
        assert event.changes == {"language": "fr"}
        assert life.order == msgspec.structs.replace(before, language="fr", updated_at=life.now)

    def test_null_clears(self):
        life = an_order(**GIVEN, recipient=JOHN)
        life.put(**dict.fromkeys(set(GIVEN) - {"order_items"}))
        order = life.order
        assert (order.order_url, order.language, order.boarding_complete) == (None, None, None)
        assert (order.order_tags, order.promised_delivery_date) == ({}, None)
        assert order.order_date == order.created_at

    def test_tags_are_replaced_whole(self):
        life = an_order(**GIVEN)
        life.put(order_tags={"other": "1"})
        assert life.order.order_tags == {"other": "1"}

    def test_the_recipient_is_replaced_whole_under_a_new_version(self):
        life = an_order(recipient=JOHN)
        life.do(UpdateOrder({}, JANE))
        order = life.order
        assert (order.recipient_version, order.recipient(2), order.recipient(1)) == (2, JANE, JOHN)
        life.do(UpdateOrder({}, None))
        assert life.order.recipient_version is None

    @pytest.mark.parametrize("recipient", [JOHN, dict(JOHN)])
    def test_the_same_recipient_makes_no_version(self, recipient):
        life = an_order(recipient=JOHN)
        assert life.do(UpdateOrder({}, recipient)).events == ()

    def test_a_recipient_that_is_not_given_stays(self):
        life = an_order(recipient=JOHN)
        life.put(language="fr")
        assert life.order.recipient(life.order.recipient_version) == JOHN

    def test_its_own_name_is_accepted_and_another_is_invalid(self):
        life = an_order()
        life.put(order_id=ORDER_ID, language="fr")
        assert life.order.language == "fr"
        refusal = life.refused(UpdateOrder({"order_id": "other", "language": "de"}))
        assert refusal.kind == "invalid"
        assert [line.property_path for line in refusal.violations] == ["order_id"]
        assert life.order.language == "fr"

    def test_nothing_leaves_no_event(self):
        assert an_order(**GIVEN).put().events == ()


class TestDeleting:
    @pytest.mark.parametrize("state", ["new", "shipped", "completed", "cancelled"])
    def test_in_any_state(self, state):
        life = an_order_in(state)
        decided = life.do(DeleteOrder())
        assert decided.order is life.present is None
        assert life.events[-1] == "order.deleted"

    def test_the_name_is_free_again_for_another_order(self):
        life = an_order(**GIVEN, recipient=JOHN)
        life.do(DeleteOrder())
        assert not life.create(language="fr").replayed
        assert life.order.recipients == {}
        assert life.states == ["new"]


def test_a_read_changes_nothing():
    life = an_order(promised_delivery_date=at(10))
    before = msgspec.json.encode(life.order)
    assert as_of_now(life.order, at(20), None).delayed_at == at(10)
    assert msgspec.json.encode(life.order) == before
    assert as_of_now(life.order, at(9), None) is life.order
