"""Digests made behind the reader."""

from collections.abc import Iterator

from emrassess.exchange.digests import few_behind


def test_nothing_is_kept_for_the_end() -> None:
    begun: list[int] = []

    def begin() -> Iterator[int]:
        for number in range(1000):
            begun.append(number)
            yield number

    given = []
    for number in few_behind(begin()):
        given.append(number)
        assert len(begun) - len(given) <= 4
    assert given == list(range(1000))
