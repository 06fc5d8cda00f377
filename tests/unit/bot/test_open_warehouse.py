"""The warehouse is opened with credentials that cannot be used."""

from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from bot.open_analyst import open_warehouse
from bot.settings import ConfigurationError, Settings, load_settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    file = tmp_path / "key.json"
    file.write_text("{}")
    return load_settings(_env_file=None, bigquery_project="p", google_application_credentials=file)


async def test_credentials_that_cannot_be_used_are_one_sentence(settings: Settings) -> None:
    async with AsyncExitStack() as stack:
        with pytest.raises(ConfigurationError, match="GOOGLE_APPLICATION_CREDENTIALS gives no usable credentials: "):
            await open_warehouse(stack, settings)
