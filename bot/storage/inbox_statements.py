"""The inbox in SQL. Each statement is one step of an item's life, with the race that it closes."""

# ruff: noqa: S608 (what is put into these texts are constants of ours)

from sqlalchemy import text

from bot.storage.inbox_session import CHANNEL, OWNER_LOCKS

# Around a change: one row for each row changed, and every owner woken at its commit if there is any.
_ANNOUNCED = f"RETURNING id) SELECT pg_notify('{CHANNEL}', '') FROM changed"
NEXT_OWNER = text("SELECT nextval('inbox_owner')")

PUT = text(f"""
    WITH changed AS (
    INSERT INTO inbox (dedupe_key, conversation, spoken_at, kind, payload)
    VALUES (:dedupe_key, :conversation, :spoken_at, :kind, :payload)
    ON CONFLICT (dedupe_key) DO NOTHING {_ANNOUNCED}
""")

# The oldest items that may run, locked so that no other claimer waits for them. Two claimers can still meet in one
# conversation: one took its head, and before that committed an earlier item arrived for the other to take. The unique
# index on (conversation) WHERE running turns the second away.
CLAIM = text("""
    WITH heads AS MATERIALIZED (
        SELECT head.id FROM inbox AS head
         WHERE head.status = 'queued' AND head.run_after <= now()
           AND (NOT :control OR starts_with(head.conversation, 'control:'))
           AND NOT EXISTS (
                SELECT 1 FROM inbox AS other
                 WHERE other.conversation = head.conversation
                   AND (other.status = 'running'
                        OR other.status = 'queued' AND (other.spoken_at, other.id) < (head.spoken_at, head.id)))
         ORDER BY head.spoken_at, head.id
           FOR UPDATE SKIP LOCKED
         LIMIT :limit)
    UPDATE inbox
       SET status = 'running', attempts = attempts + 1, owner = :owner, leased_until = now() + :lease
      FROM heads WHERE inbox.id = heads.id
    RETURNING inbox.id, payload, attempts, failures, error
""")

_NO_LOCK = f"""
    NOT EXISTS (SELECT 1 FROM pg_locks
                 WHERE locktype = 'advisory' AND classid = {OWNER_LOCKS} AND objid = inbox.owner::oid AND objsubid = 2
                   AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND granted)
"""
OWNERS_WITHOUT_LOCK = text(f"""
    SELECT DISTINCT owner FROM inbox WHERE status = 'running' AND owner <> :owner AND {_NO_LOCK}
""")

# Back into the queue with what belongs to the dead: their lease has ended, or their lock has been missing for a while.
# A server that has only just started has seen nobody's lock and let every lease pass.
REQUEUE_LOST = text(f"""
    UPDATE inbox SET status = 'queued', owner = NULL, leased_until = NULL
     WHERE status = 'running' AND id <> ALL (CAST(:held AS bigint[]))
       AND now() - pg_postmaster_start_time() > :grace
       AND (leased_until < now() OR owner = ANY (CAST(:gone AS integer[])) AND {_NO_LOCK})
    RETURNING id
""")

RENEW = text("""
    UPDATE inbox SET leased_until = now() + :lease
     WHERE status = 'running' AND owner = :owner AND id = ANY (CAST(:held AS bigint[]))
    RETURNING id
""")
STOP_REQUESTS = text("SELECT id FROM inbox WHERE status = 'running' AND owner = :owner AND stop_requested")

# Who lost the claim writes nothing: somebody else's owner, or the same owner's next attempt, stands in the row.
_FENCE = "WHERE id = :id AND status = 'running' AND owner = :owner AND attempts = :attempt"
COMPLETE = text(f"""
    UPDATE inbox SET status = 'done', finished_at = now(), owner = NULL, leased_until = NULL {_FENCE}
""")
RETRY = text(f"""
    UPDATE inbox SET status = 'queued', run_after = now() + :after, failures = failures + 1, error = :error,
                     owner = NULL, leased_until = NULL {_FENCE}
""")
RELEASE = text(f"""
    WITH changed AS (
    UPDATE inbox SET status = 'queued', run_after = now(), owner = NULL, leased_until = NULL {_FENCE} {_ANNOUNCED}
""")
BURY = text(f"""
    UPDATE inbox SET status = 'buried', finished_at = now(), error = :error, owner = NULL, leased_until = NULL {_FENCE}
""")

# What waits for another try is stopped as well: it is claimed at once, and its handler finds the flag.
REQUEST_STOP = text(f"""
    WITH changed AS (
    UPDATE inbox SET stop_requested = true, run_after = now()
     WHERE conversation = :conversation AND (status = 'running' OR status = 'queued' AND attempts > 0) {_ANNOUNCED}
""")
# Not yet begun: a claim counts its attempt in the statement that takes the row, so of the two one sees the other.
_UNBEGUN = "WHERE dedupe_key = :dedupe_key AND status = 'queued' AND attempts = 0"
AMEND = text(f"UPDATE inbox SET payload = :payload {_UNBEGUN}")
LOOK_UP = text("SELECT payload FROM inbox WHERE dedupe_key = :dedupe_key")
WITHDRAW = text(f"""
    WITH changed AS (
    UPDATE inbox SET status = 'done', finished_at = now()
     WHERE dedupe_key = :dedupe_key AND status IN ('queued', 'done') AND attempts = 0 {_ANNOUNCED}
""")
PRUNE = text("""
    DELETE FROM inbox
     WHERE status = 'done' AND finished_at < now() - :older_than
        OR status = 'buried' AND finished_at < now() - CAST(:buried_older_than AS interval)
""")
