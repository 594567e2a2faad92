"""Order items, and the refund that follows from them."""

import pytest

from doorstep.domain.commands import AddItem, ChangeItem, RemoveItem
from tests.domain.builders import an_order, an_order_in, at


class TestAdding:
    def test_its_status_is_new(self):
        life = an_order()
        number = life.add_item(sku="A", weight=180, item_value=29.99)
        item = life.order.item(number)
        assert (item.status, item.fields) == (
            "new",
            {"sku": "A", "weight": 180, "item_value": 29.99},
        )

    @pytest.mark.parametrize("state", ["cancelled", "refunded"])
    def test_not_to_a_cancelled_or_refunded_order(self, state):
        life = an_order_in(state)
        refusal = life.refused(AddItem(1, {"sku": "A"}, 10))
        assert (refusal.kind, refusal.code) == ("conflict", f"order_{state}")
        assert life.order.items == ()

    @pytest.mark.parametrize("state", ["new", "paid", "shipped", "completed", "returned"])
    def test_to_an_order_in_any_other_state(self, state):
        life = an_order_in(state)
        life.add_item(sku="A")
        assert len(life.order.items) == 1
        assert life.order.state == state

    def test_the_same_external_id_is_replayed_whatever_else_it_says(self):
        life = an_order()
        number = life.add_item(sku="A", external_id="7")
        before = life.order
        again = life.do(AddItem(1, {"sku": "B", "external_id": "7"}, 10))
        assert (again.replayed, again.subject, again.events) == (True, number, ())
        assert life.order is before

    def test_replayed_even_when_no_item_could_be_added(self):
        life = an_order()
        number = life.add_item(sku="A", external_id="7")
        assert life.do(AddItem(1, {"external_id": "7"}, 1)).subject == number
        life.report("cancelled")
        assert life.do(AddItem(1, {"external_id": "7"}, 10)).replayed

    def test_items_without_external_id_are_never_the_same(self):
        life = an_order()
        life.add_item(sku="A")
        life.add_item(sku="A")
        assert len(life.order.items) == 2

    def test_the_same_external_id_inside_the_creating_request_is_kept_twice(self):
        life = an_order(order_items=[{"sku": "A", "external_id": "7"}] * 2)
        assert len(life.order.items) == 2

    def test_no_more_than_the_most(self):
        life = an_order(order_items=[{"sku": "A"}] * 3)
        assert life.refused(AddItem(1, {"sku": "B"}, 3)).code == "too_many_items"
        life.do(AddItem(1, {"sku": "B"}, 4))
        assert len(life.order.items) == 4


class TestChanging:
    def test_a_field_is_set_kept_and_cleared(self):
        life = an_order()
        number = life.add_item(sku="A", size="M", weight=1)
        decided = life.do(ChangeItem(number, {"size": None, "weight": 2.5, "sku": "A"}))
        assert life.order.item(number).fields == {"sku": "A", "weight": 2.5}
        (event,) = decided.events
        assert event.changes == {"size": None, "weight": 2.5}

    def test_what_changes_nothing_leaves_no_event(self):
        life = an_order()
        number = life.add_item(sku="A")
        assert life.do(ChangeItem(number, {"sku": "A", "size": None}, "new")).events == ()

    def test_one_of_its_names_has_to_stay(self):
        life = an_order()
        number = life.add_item(sku="A")
        refusal = life.refused(ChangeItem(number, {"sku": None}))
        assert refusal.kind == "invalid"
        assert [line.property_path for line in refusal.violations] == ["sku", "name", "description"]
        life.do(ChangeItem(number, {"sku": None, "name": "Shirt"}))
        assert life.order.item(number).fields == {"name": "Shirt"}

    @pytest.mark.parametrize("command", [ChangeItem(1, {"sku": "A"}), RemoveItem(1)])
    def test_an_unknown_one_is_missing(self, command):
        refusal = an_order().refused(command)
        assert (refusal.kind, refusal.code) == ("missing", "order_item_not_found")

    @pytest.mark.parametrize(
        "status",
        ["in_production", "in_preparation", "shipped", "delivered", "returned", "cancelled"],
    )
    def test_no_other_status_moves_the_order(self, status):
        life = an_order(order_items=[{"sku": "A"}])
        life.set_item(life.order.items[0].item_number, status)
        assert life.order.items[0].status == status
        assert life.states == ["new"]

    def test_parcels_do_not_move_items(self):
        life = an_order(order_items=[{"sku": "A"}])
        life.deliver(life.ship())
        assert life.order.items[0].status == "new"


class TestRefund:
    @pytest.mark.parametrize(
        "state",
        ["new", "paid", "in_production", "in_preparation", "shipped", "completed", "cancelled",
         "returned"],
    )  # fmt: skip
    def test_when_all_items_are_refunded_from_any_state(self, state):
        life = an_order_in(state, items=2)
        before = life.states
        first, second = life.order.items
        life.set_item(first.item_number, "refunded")
        assert life.order.state == state
        life.set_item(second.item_number, "refunded", at=at(300))
        assert life.order.state == "refunded"
        assert life.states == [*before, "refunded"]
        assert life.dated_events[-1] == ("order.refunded", at(300))

    def test_an_item_of_a_refunded_order_is_not_changed_back(self):
        life = an_order_in("refunded", items=2)
        number = life.order.items[0].item_number
        before = life.order
        refusal = life.refused(ChangeItem(number, {"size": "L"}, "returned"))
        assert (refusal.kind, refusal.code) == ("conflict", "order_refunded")
        assert life.order is before

    def test_its_other_fields_may_change(self):
        life = an_order_in("refunded", items=1)
        number = life.order.items[0].item_number
        life.do(ChangeItem(number, {"size": "L"}, "refunded"))
        life.do(ChangeItem(number, {"size": "XL"}))
        assert life.order.items[0].fields["size"] == "XL"
        assert life.order.items[0].status == "refunded"

    def test_before_that_it_may_be_changed_back(self):
        life = an_order(order_items=[{"sku": "A"}, {"sku": "B"}])
        number = life.order.items[0].item_number
        life.set_item(number, "refunded")
        life.set_item(number, "new")
        assert life.order.items[0].status == "new"

    def test_the_last_item_that_was_not_refunded_is_removed(self):
        life = an_order(order_items=[{"sku": "A"}, {"sku": "B"}, {"sku": "C"}])
        first, second, third = (item.item_number for item in life.order.items)
        life.set_item(first, "refunded")
        life.do(RemoveItem(second))
        assert life.order.state == "new"
        life.do(RemoveItem(third))
        assert life.states == ["new", "refunded"]

    @pytest.mark.parametrize("state", ["new", "paid", "shipped", "completed", "cancelled"])
    def test_the_last_item_of_all_is_removed(self, state):
        life = an_order_in(state, items=1)
        before = life.order.history
        life.do(RemoveItem(life.order.items[0].item_number))
        assert life.order.items == ()
        assert (life.order.state, life.order.history) == (state, before)

    def test_removing_the_items_of_a_refunded_order_leaves_it_refunded(self):
        life = an_order_in("refunded", items=2)
        for item in life.order.items:
            life.do(RemoveItem(item.item_number))
        assert life.states == ["new", "refunded"]
