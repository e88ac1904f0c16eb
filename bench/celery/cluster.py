"""A private Airflow on Celery: PostgreSQL, Redis, the three parts of Airflow, and workers. Standard library only."""

import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

SECRET = "of-a-benchmark-0123456789abcdef0123456789abcdef0123456789abcdef01234567"
# Seconds without a word from a task until the scheduler takes it for lost; five minutes by default.
LOST_AFTER = 20


def say(text):
    print(text, file=sys.stderr, flush=True)


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def programs():
    """The folder of PostgreSQL's programs."""
    return sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"))[-1]


class Cluster:
    def __init__(self, airflow, folder, binaries):
        self.venv, self.folder, self.binaries = pathlib.Path(airflow), pathlib.Path(folder), pathlib.Path(binaries).resolve()
        self.running = {}
        self.database, self.redis, self.port = free_port(), free_port(), free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.folder.chmod(0o755)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for name in list(self.running):
            self.stop(name, signal.SIGTERM)
        self.postgres("pg_ctl", "-D", self.folder / "pg/data", "-m", "immediate", "stop", check=False)

    def environment(self):
        home, port = self.folder / "home", self.database
        path = f"{self.venv}/bin:{programs()}:/usr/local/bin:/usr/bin:/bin"
        connection = f"postgresql+psycopg2://postgres@127.0.0.1:{port}/airflow"
        settings = {
            "CORE__DAGS_FOLDER": str(self.folder / "dags"),
            "CORE__LOAD_EXAMPLES": "False",
            "CORE__EXECUTOR": "CeleryExecutor",
            "CORE__PARALLELISM": "32",
            "CORE__MAX_ACTIVE_TASKS_PER_DAG": "32",
            "CORE__SIMPLE_AUTH_MANAGER_USERS": "admin:admin",
            "CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(home / "passwords.json"),
            "CORE__EXECUTION_API_SERVER_URL": f"{self.url}/execution/",
            "CORE__HOSTNAME_CALLABLE": "airflow.utils.net.get_host_ip_address",
            "DATABASE__SQL_ALCHEMY_CONN": connection,
            "DATABASE__LOAD_DEFAULT_CONNECTIONS": "False",
            "CELERY__BROKER_URL": f"redis://127.0.0.1:{self.redis}/0",
            "CELERY__RESULT_BACKEND": f"db+{connection}",
            "CELERY_BROKER_TRANSPORT_OPTIONS__VISIBILITY_TIMEOUT": "300",
            "API__HOST": "127.0.0.1",
            "API__PORT": str(self.port),
            "API__BASE_URL": self.url,
            "API__WORKERS": "1",
            "API__SECRET_KEY": SECRET,
            "API_AUTH__JWT_SECRET": SECRET,
            "DAG_PROCESSOR__REFRESH_INTERVAL": "600",
            "DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "600",
            "SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.3",
            "SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": str(LOST_AFTER),
            "SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "5",
            "SCHEDULER__TASK_INSTANCE_HEARTBEAT_SEC": "3",
            "USAGE_DATA_COLLECTION__ENABLED": "False",
        }
        return {
            **{f"AIRFLOW__{name}": value for name, value in settings.items()},
            "AIRFLOW_HOME": str(home), "HOME": str(home), "PATH": path, "LANG": "C.UTF-8", "NO_COLOR": "1",
            "NO_PROXY": "127.0.0.1", "PYTHONWARNINGS": "ignore", "C_FORCE_ROOT": "1",
            "WORK_DATABASE": f"postgres://postgres@127.0.0.1:{port}/work",
            "MG_BIN": str(self.binaries),
            **self.analytics(home),
        }  # fmt: skip

    def analytics(self, home):
        """What the binaries of mg-platform read: one account that may write, which is enough for what is measured."""
        url = f"postgres://owner@127.0.0.1:{self.database}/analytics"
        return {"MG_DATABASE_URL": url, "MG_DATABASE_WRITE_URL": url, "MG_DATA_DIR": str(home / "data")}

    def start(self):
        began = time.monotonic()
        (self.folder / "home").mkdir()
        (self.folder / "home/passwords.json").write_text(json.dumps({"admin": "admin"}))
        self.copy_dags()
        self.start_postgres()
        redis = ["redis-server", "--port", str(self.redis), "--bind", "127.0.0.1", "--save", "", "--dir", str(self.folder)]
        self.spawn("redis", redis, {})
        self.airflow("db", "migrate")
        for part in ("api-server", "scheduler", "dag-processor"):
            self.spawn(part, [self.venv / "bin/airflow", part], {})
        self.wait("Airflow", self.is_ready)
        say(f"PostgreSQL, Redis and Airflow stand after {time.monotonic() - began:.0f} s")

    def copy_dags(self):
        """The probe beside this file and the example workflows, in one folder."""
        here = pathlib.Path(__file__).resolve().parent
        (self.folder / "dags").mkdir()
        for folder in (here / "dags", here.parents[1] / "examples/dags"):
            for file in folder.glob("*.py"):
                shutil.copy(file, self.folder / "dags")

    def fill_analytics(self):
        """The tables of mg-platform with the rows of the demo."""
        self.sql("CREATE ROLE owner LOGIN", "postgres")
        self.sql("CREATE DATABASE analytics OWNER owner", "postgres")
        command = [self.binaries / "mgctl", "db", "init", "--demo"]
        subprocess.run(command, env=self.environment(), check=True, stdout=subprocess.DEVNULL)

    def start_postgres(self):
        folder = self.folder / "pg"
        folder.mkdir()
        if os.geteuid() == 0:
            subprocess.run(["chown", "postgres", folder], check=True)
        self.postgres("initdb", "-D", folder / "data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")
        options = f"-p {self.database} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off -c max_connections=200"
        self.postgres("pg_ctl", "-D", folder / "data", "-l", folder / "log", "-w", "start", "-o", options)
        for database in ("airflow", "work"):
            self.sql(f"CREATE DATABASE {database}", "postgres")
        self.sql("CREATE TABLE attempt (run text, number int, attempt int, worker text)")
        self.sql("CREATE TABLE done (run text, number int, worker text, PRIMARY KEY (run, number))")

    def postgres(self, program, *arguments, check=True):
        """Runs one of PostgreSQL's programs, which refuse root."""
        command = [programs() / program, *arguments]
        if os.geteuid() == 0:
            command = ["runuser", "-u", "postgres", "--", *command]
        with open(self.folder / "postgres.log", "ab") as log:
            subprocess.run(command, check=check, cwd="/", stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def sql(self, text, database="work"):
        """Rows of a statement, as lists of texts."""
        url = f"postgres://postgres@127.0.0.1:{self.database}/{database}"
        command = [programs() / "psql", "-X", "-q", "-At", "-v", "ON_ERROR_STOP=1", "-d", url, "-c", text]
        told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        return [line.split("|") for line in told.splitlines()]

    def worker(self, name, slots):
        command = [self.venv / "bin/airflow", "celery", "worker", "--celery-hostname", f"{name}@%h", "--concurrency", str(slots)]
        own = {"WORKER": name, "AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT": str(free_port())}
        self.spawn(name, [*command, "--pid", self.folder / f"{name}.pid"], own)
        log = self.folder / f"{name}.log"
        self.wait(name, lambda: " ready." in log.read_text())

    def spawn(self, name, command, more):
        with open(self.folder / f"{name}.log", "wb") as log:
            self.running[name] = subprocess.Popen(
                command, env={**self.environment(), **more}, cwd=self.folder, start_new_session=True,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip

    def stop(self, name, how):
        """Signals the whole session of a process that was started here, and makes sure that it ends."""
        process = self.running.pop(name)
        for number in (how, signal.SIGKILL):
            subprocess.run(["pkill", f"-{number.value}", "-s", str(process.pid)], check=False)
            try:
                process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                continue
        process.wait()

    def airflow(self, *arguments):
        with open(self.folder / "migrate.log", "wb") as log:
            subprocess.run([self.venv / "bin/airflow", *arguments], env=self.environment(), check=True, stdout=log, stderr=log)

    def ask(self, method, path, body=None, token=None):
        request = urllib.request.Request(self.url + path, method=method, data=body and json.dumps(body).encode())
        request.add_header("Content-Type", "application/json")
        if token:
            request.add_header("Authorization", f"Bearer {token}")
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.load(answer)

    def api(self, method, path, body=None):
        token = self.ask("POST", "/auth/token", {"username": "admin", "password": "admin"})["access_token"]
        return self.ask(method, f"/api/v2/{path}", body, token)

    def is_ready(self):
        try:
            return self.api("GET", "dags?limit=1")["total_entries"] > 0
        except (OSError, urllib.error.URLError):
            return False

    def wait(self, what, condition, patience=240):
        began = time.monotonic()
        while not condition():
            for name, process in self.running.items():
                if process.poll() is not None:
                    log = (self.folder / f"{name}.log").read_text()[-2000:]
                    sys.exit(f"{name} ended with {process.returncode}: {log}")
            if time.monotonic() - began > patience:
                sys.exit(f"{what}: not after {patience} s")
            time.sleep(0.2)
        return time.monotonic() - began
