"""Runs the binaries of mg-platform from tasks of Airflow: their JSON summary becomes the XCom, their exit code the outcome.

A task needs nothing but the binaries (MG_BIN names their folder, else PATH) and the variables that they read themselves
(MG_DATABASE_URL, MG_DATABASE_WRITE_URL, MG_DATA_DIR), in the environment of the worker. No password passes through Airflow.
"""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from airflow.sdk.exceptions import AirflowException, AirflowFailException

# Exit codes of the binaries, as sysexits.h names them.
EX_UNAVAILABLE = 69
EX_CONFIG = 78


def program(name):
    """The path of a binary: in MG_BIN where that is set, else found on PATH."""
    folder = os.environ.get("MG_BIN")
    return str(Path(folder) / name) if folder else name


def run(name, *arguments):
    """Runs a binary with --json and returns its summary.

    A wrong configuration or argument fails for good, since a retry would meet it again; everything else is raised for
    Airflow to retry. A task that is cancelled or times out takes its binary with it.
    """
    command = [program(name), *arguments, "--json"]
    print("running:", " ".join(command), flush=True)
    try:
        # stderr goes into the log of the task as it comes; a session of its own, so that children end too.
        child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)
    except FileNotFoundError as error:
        raise AirflowFailException(f"{command[0]} is not installed on this worker; MG_BIN may name its folder") from error
    try:
        output, _ = child.communicate()
    except BaseException:
        end(child)
        raise
    summary = read(output)
    if child.returncode == 0:
        return summary
    told = f"{name} {arguments[0]} ended with {child.returncode}: {why(summary)}"
    if child.returncode == EX_CONFIG:
        raise AirflowFailException(told)
    if child.returncode == EX_UNAVAILABLE:
        told += " (the database or a site is not there now)"
    raise AirflowException(told)


def read(output):
    """The JSON of stdout; a binary that broke off may have written none."""
    try:
        return json.loads(output)
    except json.JSONDecodeError:
        print(output[-2000:], file=sys.stderr)
        return {}


def why(summary):
    """What a summary says of its failure, in a line."""
    if summary.get("message"):
        return summary["message"]
    errors = summary.get("errors") or [one["error"] for one in summary.get("indicators", []) if one.get("error")]
    return json.dumps(errors[:3], ensure_ascii=False) if errors else "see the log above"


def end(child):
    """Ends a binary and what it started: first as asked, then for good."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(child.pid, number)
            child.wait(timeout=10)
            return
        except subprocess.TimeoutExpired:
            continue
        except ProcessLookupError:
            return
