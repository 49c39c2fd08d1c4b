import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from catalog.movielens.pairs import SeenPairs

small = st.integers(1, 6)
batches = st.lists(st.lists(st.tuples(small, small), min_size=1, max_size=8), max_size=12)


@given(batches)
def test_a_pair_is_repeated_if_and_only_if_it_came_before(batches: list[list[tuple[int, int]]]):
    pairs, before = SeenPairs(), set()
    for batch in batches:
        left, right = np.array(batch, dtype=np.int64).T
        expected = []
        for pair in batch:
            expected.append(pair in before)
            before.add(pair)
        assert pairs.add(left, right).tolist() == expected


def test_large_numbers_do_not_run_into_each_other():
    pairs = SeenPairs()
    top = 2**31 - 1
    assert not pairs.add(np.array([1, top, 2]), np.array([top, 1, top])).any()
    assert pairs.add(np.array([top]), np.array([1])).all()
