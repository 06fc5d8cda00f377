"""Who may log in to a server of ours: the two files in which Postgres looks that up."""

import os
import pwd
from dataclasses import dataclass
from pathlib import Path

SUPERUSER = "postgres"
_MAP = "databolt"


@dataclass(frozen=True, slots=True)
class AccessRules:
    """Lines of pg_hba.conf and pg_ident.conf. What no line allows is refused."""

    logins: tuple[str, ...]
    accounts: tuple[str, ...]

    def write_to(self, folder: Path) -> None:
        for name, lines in (("pg_hba.conf", self.logins), ("pg_ident.conf", self.accounts)):
            temporary = folder / f".{name}"
            temporary.write_text("".join(f"{line}\n" for line in lines))
            temporary.chmod(0o644)
            temporary.rename(folder / name)


def ourselves_only() -> AccessRules:
    """By the kernel's word, not by a password: the account that the server runs as may be shared with strangers."""
    return AccessRules((_peers(),), (_account(_own_name()),))


def ourselves_and(role: str) -> AccessRules:
    """*role* too, from whatever account, by its password; and root, who is the superuser's peer as we are."""
    accounts = dict.fromkeys((_own_name(), "root"))
    return AccessRules((_peers(), f'local all "{role}" scram-sha-256'), tuple(map(_account, accounts)))


def _peers() -> str:
    return f"local all {SUPERUSER} peer map={_MAP}"


def _account(name: str) -> str:
    return f'{_MAP} "{name}" {SUPERUSER}'


def _own_name() -> str:
    return pwd.getpwuid(os.geteuid()).pw_name
