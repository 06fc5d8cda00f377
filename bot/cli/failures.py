"""What a command says when something outside of it fails: one sentence, for errors that a person can mend."""

from agent.errors import AgentError
from agent.sql.googlesql.compilation import CompilationFailed
from agent.sql.googlesql.module_cache import UnsafeCacheFolder
from bot.storage.database import StorageMisconfigured, StorageRefused, StorageUnavailable
from bot.storage.postgres_account import PostgresUnavailable


def sentence_of(error: Exception) -> str | None:
    """The sentence, or None for an error that nobody foresaw: its traceback is for the developer."""
    match error:
        case StorageUnavailable():
            return f"{_first_line(error)}. {error.advice}."
        case PostgresUnavailable() | StorageMisconfigured() | StorageRefused() | AgentError() | CompilationFailed():
            return f"{_first_line(error)}."
        case UnsafeCacheFolder():
            return f"{_first_line(error)}: set CACHE_DIR to a folder of your own."
        case OSError(filename=str() as path, strerror=str() as reason):
            return f"{path} cannot be used ({reason}): set STATE_DIR and CACHE_DIR to folders that you may write to."
        case _:
            return None


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0].rstrip(".")
