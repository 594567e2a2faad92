"""Work that is done once for all who want it at one moment."""

import asyncio

from doorstep.web.together import Together


class Maker:
    def __init__(self) -> None:
        self.made = 0

    async def __call__(self) -> int:
        self.made += 1
        mine = self.made
        await asyncio.sleep(0)
        return mine


def test_many_at_one_moment_get_what_is_made_once() -> None:
    async def ask() -> tuple[list[int], int]:
        together, make = Together[int](), Maker()
        return list(await asyncio.gather(*(together.get("a", make) for _ in range(9)))), make.made

    assert asyncio.run(ask()) == ([1] * 9, 1)


def test_who_asks_after_it_was_begun_gets_another() -> None:
    async def ask() -> list[int]:
        together, make = Together[int](), Maker()
        later: list[asyncio.Task[int]] = []

        async def make_and_ask() -> int:
            later.append(asyncio.create_task(together.get("a", make)))
            await asyncio.sleep(0)
            return await make()

        return [await together.get("a", make_and_ask), await later[0]]

    assert asyncio.run(ask()) == [1, 2]


def test_who_leaves_takes_it_from_no_other() -> None:
    async def ask() -> int:
        together, make = Together[int](), Maker()
        first = asyncio.create_task(together.get("a", make))
        second = asyncio.create_task(together.get("a", make))
        await asyncio.sleep(0)
        first.cancel()
        return await second

    assert asyncio.run(ask()) == 1


def test_what_fails_fails_for_all_and_not_for_the_next() -> None:
    async def fail() -> int:
        raise ValueError

    async def ask() -> int:
        together = Together[int]()
        failed = await asyncio.gather(
            *(together.get("a", fail) for _ in range(3)), return_exceptions=True
        )
        assert [type(error) for error in failed] == [ValueError] * 3
        return await together.get("a", Maker())

    assert asyncio.run(ask()) == 1
