import numpy as np

from recommendations.reranking import lean, pool_size, rerank

TWINS_AND_A_STRANGER = np.array([[1, 0], [1, 0.01], [0, 1]], np.float32)


def test_without_diversity_the_order_of_the_scores_stays() -> None:
    assert rerank([1.0, 3.0, 2.0], TWINS_AND_A_STRANGER, limit=2, diversity=0) == [1, 2]


def test_with_diversity_a_twin_gives_way_to_a_stranger() -> None:
    # Relevance is 1, 0.9 and 0. After the first, the twin gains 0.3*0.9 - 0.7*1 = -0.43, the stranger 0.
    assert rerank([10.0, 9.0, 0.0], TWINS_AND_A_STRANGER, limit=3, diversity=0.7) == [0, 2, 1]


def test_a_little_diversity_leaves_a_far_better_twin_in_place() -> None:
    # 0.9*0.9 - 0.1*1 = 0.71 against 0.9*0 - 0.1*0 = 0.
    assert rerank([10.0, 9.0, 0.0], TWINS_AND_A_STRANGER, limit=3, diversity=0.1) == [0, 1, 2]


def test_a_list_never_names_a_candidate_twice() -> None:
    vectors = np.ones((4, 2), np.float32)
    assert sorted(rerank([1.0, 1.0, 1.0, 1.0], vectors, limit=9, diversity=1.0)) == [0, 1, 2, 3]


def test_nothing_comes_of_no_candidates() -> None:
    assert rerank([], np.zeros((0, 2), np.float32), limit=5, diversity=0.5) == []


def test_only_diversity_asks_for_a_larger_pool() -> None:
    assert (pool_size(10, 0), pool_size(10, 0.1)) == (10, 50)


def test_obscurity_turns_the_order_by_popularity_at_either_end() -> None:
    # Scores and popularity agree: 1, 0.5, 0 scaled. At 1 the mixture is 0.2 * score + 0.8 * (1 - popularity).
    scores, counts = [3.0, 2.0, 1.0], [99, 9, 0]
    assert lean(scores, counts, 0.5) == scores
    assert np.allclose(lean(scores, counts, 1.0), [0.2, 0.5, 0.8])
    assert np.allclose(lean(scores, counts, 0.0), [1.0, 0.5, 0.0])


def test_looking_for_little_known_movies_widens_the_pool() -> None:
    assert pool_size(10, 0, 0.9) == 300
