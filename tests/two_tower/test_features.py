import numpy as np
import pytest

from recommendations.two_tower.config import ConfigInvalid, TwoTowerConfig
from recommendations.two_tower.data import MovieInput, UserInput
from recommendations.two_tower.features import (
    gap_rows,
    history_batch,
    history_gap_rows,
    movie_content,
    star_rows,
    user_rows,
)
from recommendations.two_tower.vocabulary import UNKNOWN, Vocabulary, region, title_words

VOCABULARY = Vocabulary(
    np.array([10, 20]), [7], ["F", "M"], [25], [3], ["5", "abroad"], ["Comedy", "Drama"], ["night", "star"]
)


def test_half_stars_become_rows_one_to_ten():
    assert star_rows(np.array([0.5, 1, 3.5, 5], np.float32)).tolist() == [1, 2, 7, 10]


def test_gaps_are_rows_by_doubling():
    assert gap_rows(np.array([-5, 0, 1, 2, 3, 4, 2**40])).tolist() == [1, 1, 2, 3, 3, 4, 25]


def test_the_first_rating_has_no_gap():
    assert history_gap_rows(np.array([100, 100, 104])).tolist() == [0, 1, 4]


def test_title_words_leave_out_years_and_articles():
    assert title_words("Star Wars: Episode IV - A New Hope (1977)") == [
        "star",
        "wars",
        "episode",
        "iv",
        "new",
        "hope",
    ]


@pytest.mark.parametrize(
    ("code", "expected"), [("55455", "5"), ("55455-1234", "5"), ("V3N 4P1", "abroad"), ("", "")]
)
def test_region_is_the_first_digit_of_a_us_code(code, expected):
    assert region(code) == expected


def test_an_unknown_user_has_the_unknown_row():
    user = UserInput(99, "F", 25, 3, "55455")
    assert user_rows(user, VOCABULARY).tolist() == [UNKNOWN, 1, 1, 1, 1]


def test_movie_content_has_parts_of_length_one():
    content = movie_content([MovieInput(10, "Star Night", 1950, ("Comedy", "Drama"))], VOCABULARY)[0]
    assert content[0] == 1
    np.testing.assert_allclose(content[1:3], [0.5**0.5, 0.5**0.5], rtol=1e-6)
    assert content[3:-2].sum() == 1
    np.testing.assert_allclose(content[-2:], [0.5**0.5, 0.5**0.5], rtol=1e-6)


def test_a_movie_of_which_nothing_is_known_has_the_constant_alone():
    content = movie_content([MovieInput(99, "", None, ("Musical",))], VOCABULARY)[0]
    assert content.sum() == content[0] == 1


def test_only_the_latest_ratings_are_read():
    user = UserInput(
        movie_ids=np.array([10, 20, 99]), stars=np.ones(3, np.float32), timestamps=np.array([1, 2, 4])
    )
    batch = history_batch(user, VOCABULARY, 2)
    assert batch.movies.tolist() == [[2, UNKNOWN]]
    assert batch.gaps.tolist() == [[2, 3]]


def test_movies_have_the_rows_of_their_places():
    vocabulary = Vocabulary(np.array([10, 20, 30]))
    assert vocabulary.movie_rows([30, 10, 20]).tolist() == [3, 1, 2]
    assert vocabulary.movie_rows(np.array([5, 10, 15, 40])).tolist() == [UNKNOWN, 1, UNKNOWN, UNKNOWN]
    assert vocabulary.movie_rows([]).tolist() == []


def test_without_rated_movies_every_movie_is_unknown():
    assert Vocabulary(np.array([], np.int64)).movie_rows([1, 2]).tolist() == [UNKNOWN, UNKNOWN]


def test_a_vocabulary_round_trips():
    stored = VOCABULARY.to_dict()
    again = Vocabulary.from_dict(stored).to_dict()
    np.testing.assert_array_equal(again.pop("movie_ids"), stored.pop("movie_ids"))
    assert again == stored


def test_an_unknown_configuration_key_is_refused():
    with pytest.raises(ConfigInvalid, match="learning_rat"):
        TwoTowerConfig.from_dict({"learning_rat": 1})


@pytest.mark.parametrize(
    "setting", [{"epochs": 0}, {"validation_users": -1}, {"steps_per_epoch": 0}, {"star_dimension": 1}]
)
def test_a_value_that_no_training_can_use_is_refused(setting):
    with pytest.raises(ConfigInvalid, match="must be at least"):
        TwoTowerConfig.from_dict(setting)


def test_a_configuration_round_trips():
    config = TwoTowerConfig(width=64, epochs=3)
    assert TwoTowerConfig.from_dict(config.to_dict()) == config


def test_epochs_follow_the_size_of_the_data():
    config = TwoTowerConfig()
    assert [config.epochs_for(n, n // 100) for n in (100_000, 1_000_000, 25_000_000)] == [5, 5, 2]


def test_movies_with_few_ratings_take_more_epochs():
    config = TwoTowerConfig()
    assert [config.epochs_for(100_000, movies) for movies in (1_000, 2_000, 8_000)] == [5, 5, 9]


def test_tiny_data_gets_enough_steps():
    config = TwoTowerConfig()
    assert config.epochs_for(2_000, 20) * 2_000 / config.positions_for(2_000) >= config.fewest_steps


def test_epochs_asked_for_are_kept():
    assert TwoTowerConfig(epochs=3).epochs_for(10, 5) == 3
