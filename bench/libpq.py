"""A yardstick: 100,000 rows through a cursor, as libpq fetches them: text that nobody reads.

usage: libpq.py URL. Each line on stdin runs it once and is answered by the nanoseconds it took. Needs psycopg,
of which only the thin layer over libpq is used.
"""

import sys
import time

from psycopg import pq

BEGIN = b"BEGIN READ ONLY; DECLARE mg NO SCROLL CURSOR FOR SELECT * FROM fact_permis LIMIT 100000"


def run(connection, sql):
    result = connection.exec_(sql)
    if result.status not in (pq.ExecStatus.COMMAND_OK, pq.ExecStatus.TUPLES_OK):
        raise SystemExit(result.error_message.decode())
    return result


def main():
    connection = pq.PGconn.connect(sys.argv[1].encode())
    for _ in sys.stdin:
        before = time.perf_counter_ns()
        run(connection, BEGIN)
        rows = run(connection, b"FETCH ALL FROM mg")
        run(connection, b"ROLLBACK")
        took = time.perf_counter_ns() - before
        if rows.ntuples != 100_000:
            raise SystemExit(f"{rows.ntuples} rows")
        rows.clear()
        print(took, flush=True)


if __name__ == "__main__":
    main()
