"""Who is deleted leaves the next training, the traces and the figures."""

from catalog.models import Movie, User
from recommendations.interactions import data_mark, load_training_data
from recommendations.models import ListFeedback, ServedList
from tests.factories import RatingFactory


def test_a_deleted_user_leaves_the_next_training_and_a_training_that_is_resumed(db: None) -> None:
    gone, stays = RatingFactory(), RatingFactory()
    mark = data_mark()
    User.objects.get(pk=gone.user_id).delete()
    for data in (load_training_data(), load_training_data(mark)):
        assert data.user_ids.tolist() == [stays.user_id]
        assert data.users.user_ids.tolist() == [stays.user_id]


def test_a_deleted_user_leaves_served_lists_feedback_and_means(db: None) -> None:
    rating = RatingFactory()
    served = ServedList.objects.create(user=rating.user, source="personal", movie_ids=[rating.movie_id])
    ListFeedback.objects.create(served_list=served, movie_id=rating.movie_id, kind="clicked")
    rating.user.delete()
    assert not ServedList.objects.exists()
    assert not ListFeedback.objects.exists()
    movie = Movie.objects.get(pk=rating.movie_id)
    assert (movie.rating_count, movie.rating_mean) == (0, None)


def test_a_resumed_training_reads_nothing_newer_than_its_start(db: None) -> None:
    first = RatingFactory()
    mark = data_mark()
    RatingFactory()
    data = load_training_data(mark)
    assert data.user_ids.tolist() == [first.user_id]
    assert [movie.movie_id for movie in data.movies] == [first.movie_id]
