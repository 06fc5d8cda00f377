"""The real things that stand beside the fakes: one fixture per store, named `postgres_<protocol>`."""

import pytest

from bot.storage.approvals import PostgresApprovals
from bot.storage.database import Database
from bot.storage.feedback import PostgresFeedback
from bot.storage.outages import PostgresOutageBook
from bot.storage.preferences import PostgresPreferences
from bot.storage.replies import PostgresReplies
from bot.storage.results import PostgresResults
from tests.postgres import database, database_url, open_folder, postgres

__all__ = ["database", "database_url", "open_folder", "postgres"]


@pytest.fixture
def postgres_approvals(database: Database) -> PostgresApprovals:
    return PostgresApprovals(database)


@pytest.fixture
def postgres_results(database: Database) -> PostgresResults:
    return PostgresResults(database)


@pytest.fixture
def postgres_replies(database: Database) -> PostgresReplies:
    return PostgresReplies(database)


@pytest.fixture
def postgres_feedback(database: Database) -> PostgresFeedback:
    return PostgresFeedback(database)


@pytest.fixture
def postgres_preferences(database: Database) -> PostgresPreferences:
    return PostgresPreferences(database)


@pytest.fixture
def postgres_outage_book(database: Database) -> PostgresOutageBook:
    return PostgresOutageBook(database)
