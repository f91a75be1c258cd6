from uuid import UUID

import pytest
from sqlalchemy import select

from chassis.tables import data_keys
from chassis.testing import ServiceUnderTest
from contracts.dossier import DossierSubmitted
from contracts.identity import AccountClosed
from services.feedback.tables import dossiers, ratings
from tests.feedback.test_ratings import AN, Rate, agency, closed, event, rate

__all__ = ["closed", "rate"]
OTHER = UUID("01a207b0-0000-7000-8000-000000000000")


def close(sut: ServiceUnderTest) -> None:
    sut.hear(AccountClosed(account=AN, at=sut.clock.now))


@pytest.mark.usefixtures("closed")
def test_a_closed_account_leaves_its_marks_in_the_sums_but_no_comment_and_no_owner(
    feedback: ServiceUnderTest, rate: Rate
) -> None:
    assert rate(comment="Cán bộ rất tận tình.").status_code == 201
    close(feedback)
    with feedback.units() as uow:
        (rating,) = uow.session.execute(select(ratings))
        assert rating.comment is None
        assert AN not in uow.session.scalars(select(dossiers.c.owner)).all()
        assert uow.session.execute(select(data_keys)).all() == []
    assert agency(feedback)["ratings"]["count"] == 1


@pytest.mark.usefixtures("closed")
def test_a_token_that_outlives_its_account_rates_nothing(feedback: ServiceUnderTest, rate: Rate) -> None:
    close(feedback)
    assert rate().status_code == 404


def test_the_dossiers_of_others_keep_their_owners(feedback: ServiceUnderTest) -> None:
    other = event(feedback, DossierSubmitted, applicant=OTHER)
    feedback.hear(other)
    close(feedback)
    with feedback.units() as uow:
        (owner,) = uow.session.scalars(select(dossiers.c.owner))
    assert owner == OTHER
