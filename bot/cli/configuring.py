"""The options of `botctl secrets`, `env` and `sync-laas-key`; each command imports its own world when it is called."""

import argparse

_UNIT_ENVIRONMENT = "/etc/slack-bot/slack-bot.env"
_SECRETS_HELP = """\
Secrets, from one place to another: an .env file (.env), a folder with a file for each (dir:/etc/slack-bot/secrets), or
AWS Parameter Store (ssm:/slack-bot/prod, or ssm for short: a SecureString for each, /slack-bot/prod/slack_bot_token).

What will change is shown first, by name and by a fingerprint that holds for this run; values are never shown. Only what
differs is written. To undo a change in AWS, put an earlier version there (`aws ssm get-parameter-history`) and sync
again; nothing is kept elsewhere. Rights there: ssm:GetParameters to read; ssm:PutParameter and, for what is there
already, ssm:DescribeParameters to write; and the use of a KMS key of your own.

After a change on a VM: systemctl restart slack-bot-secrets slack-bot."""


def add_secrets_commands(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    sync = commands.add_parser(
        "sync",
        help="from an .env file, a folder or AWS to another of them",
        description=_SECRETS_HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    sync.add_argument(
        "--from",
        required=True,
        action="append",
        dest="source",
        metavar="PLACE",
        help="may be repeated: the first place that has a secret says it",
    )
    sync.add_argument("--to", required=True, metavar="PLACE")
    sync.add_argument("--all", action="store_true", help="unset what the source does not have (a folder: empty files)")
    sync.add_argument(
        "--path",
        action="append",
        default=[],
        metavar="NAME=/PARAMETER",
        help="a secret's own place in AWS: SLACK_BOT_TOKEN=/other/name; may be repeated",
    )
    sync.add_argument(
        "--kms-key",
        metavar="ID",
        help="the KMS key for what is written to AWS (else the one that it has; for new ones AWS's own)",
    )
    _add_account(sync)
    _add_consent(sync)
    sync.set_defaults(command=_secrets_sync)


def add_env_commands(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    sync = commands.add_parser(
        "sync",
        help="the settings of an .env file into the unit's environment file",
        description="The settings of an .env file, without its secrets, into the unit's environment file."
        " The difference is shown first, and nothing is written that the daemon would refuse.",
    )
    sync.add_argument("--from", default=".env", dest="source", metavar="FILE", help="(.env)")
    sync.add_argument("--to", default=_UNIT_ENVIRONMENT, metavar="FILE", help=f"({_UNIT_ENVIRONMENT})")
    sync.add_argument("--all", action="store_true", help="take out the settings that the .env file does not have")
    _add_consent(sync)
    sync.set_defaults(command=_env_sync)


def add_sync_laas_key_command(parser: argparse.ArgumentParser) -> None:
    _add_account(parser)
    parser.add_argument("--parameter", default="/DATA/PIPELINE/API_KEY/OPENAI", metavar="NAME", help="(%(default)s)")
    parser.add_argument("--env", default=".env", metavar="FILE", help="where LAAS_API_KEY is written (.env)")
    parser.set_defaults(command=_sync_laas_key)


def _add_account(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--profile", metavar="NAME", help="of AWS's own settings (else as AWS finds credentials)")
    parser.add_argument("--region", metavar="NAME", help="of AWS (else AWS_REGION, or AWS's own settings)")


def _add_consent(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--dry-run", action="store_true", help="only show what would change")
    parser.add_argument("--yes", action="store_true", help="do not ask")


def _secrets_sync(options: argparse.Namespace) -> int:
    from bot.cli.secrets.sync import secrets_sync  # noqa: PLC0415

    return secrets_sync(options)


def _env_sync(options: argparse.Namespace) -> int:
    from bot.cli.env_sync import env_sync  # noqa: PLC0415

    return env_sync(options)


def _sync_laas_key(options: argparse.Namespace) -> int:
    from bot.cli.laas import sync_laas_key  # noqa: PLC0415

    return sync_laas_key(options)
