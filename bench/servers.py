"""What is measured: how each server is launched, and how it is asked for rows."""

import dataclasses
import os
import platform

from client import Server

# Room for 100,000 rows in one answer, and no waiting between calls.
ROOMY = """[limits]
answer_chars = 100000000
per_second = 100000
burst = 100000
[sql]
max_rows = 100000
"""
# The answer as it is by default, so that the rows beyond it are spooled.
SPOOLING = "[sql]\nmax_rows = 100000\n"


@dataclasses.dataclass
class Launch:
    """A server: the file that must be there, its command line, its tool, and that tool's arguments."""

    name: str
    engine: str
    needs: str
    command: list
    environment: dict
    tool: str
    query: str
    more: dict = dataclasses.field(default_factory=dict)

    def start(self):
        return Server(self.command, self.environment)

    def arguments(self, sql):
        return {self.query: sql, **self.more}


class Places:
    """Where the binaries, the peers, the tables and the settings of this run are."""

    def __init__(self, binaries, peers, scratch, port):
        node = f"node-linux-{'arm64' if platform.machine() == 'aarch64' else 'x64'}"
        self.binaries = os.path.abspath(binaries)
        self.modules = os.path.join(os.path.abspath(peers), "node/node_modules")
        self.node = os.path.join(self.modules, node, "bin/node")
        self.python = os.path.join(os.path.abspath(peers), "python/bin")
        self.scratch = os.path.abspath(scratch)
        self.port = port
        self.url = f"postgres://ro@127.0.0.1:{port}/postgres"
        self.file = os.path.join(self.scratch, "fact_permis.sqlite")
        self.environment = {"HOME": self.scratch, "PATH": os.environ["PATH"]}

    def ours(self, binary, url, settings):
        """The environment of a server of ours, its settings file written."""
        folder = os.path.join(self.scratch, f"{binary}-{url.split(':')[0]}-{len(settings)}")
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, "mg.toml"), "w") as file:
            file.write(settings)
        return {"HOME": folder, "MG_DATA_DIR": folder, "MG_CONFIG": file.name, "MG_DATABASE_URL": url}

    def mg_sql(self, engine, settings=ROOMY):
        url = self.url if engine == "PostgreSQL" else f"sqlite:{self.file}"
        binary = os.path.join(self.binaries, "mg-sql")
        environment = self.ours("mg-sql", url, settings)
        more = {"format": "csv", "max_rows": 100_000}
        return Launch("mg-sql", engine, binary, [binary], environment, "run_sql", "query", more)

    def empty_call(self):
        """The cheapest tool behind the same path of calls, with the same settings."""
        binary = os.path.join(self.binaries, "mg-fixture")
        environment = self.ours("mg-fixture", self.url, ROOMY)
        return Launch("mg-fixture", "PostgreSQL", binary, [binary], environment, "echo", "text")

    def bare_sequence(self):
        """The same statements through the same driver: a line in, nanoseconds out."""
        return Server([os.path.join(self.binaries, "bare-sequence")], {"MG_DATABASE_URL": self.url})

    def libpq(self):
        """A cursor fetched by libpq: a line in, nanoseconds out."""
        script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "libpq.py")
        return Server([os.path.join(self.python, "python3"), script, self.url], self.environment)

    def all(self):
        return [*self.on_postgres(), *self.on_sqlite()]

    def on_postgres(self):
        yield self.mg_sql("PostgreSQL")
        yield self.dbhub("PostgreSQL", self.url)
        yield self.toolbox("PostgreSQL", "postgres", {
            "POSTGRES_HOST": "127.0.0.1", "POSTGRES_PORT": str(self.port), "POSTGRES_DATABASE": "postgres",
            "POSTGRES_USER": "ro", "POSTGRES_PASSWORD": "unused",
        })
        script = os.path.join(self.modules, "@modelcontextprotocol/server-postgres/dist/index.js")
        command = [self.node, script, self.url]
        yield Launch("server-postgres", "PostgreSQL", script, command, self.environment, "query", "sql")
        script = os.path.join(self.python, "postgres-mcp")
        command = [script, "--access-mode", "restricted", self.url]
        yield Launch("postgres-mcp", "PostgreSQL", script, command, self.environment, "execute_sql", "sql")

    def on_sqlite(self):
        yield self.mg_sql("SQLite")
        yield self.dbhub("SQLite", f"sqlite://{self.file}")
        yield self.toolbox("SQLite", "sqlite", {"SQLITE_DATABASE": self.file})
        script = os.path.join(self.python, "mcp-server-sqlite")
        command = [script, "--db-path", self.file]
        yield Launch("mcp-server-sqlite", "SQLite", script, command, self.environment, "read_query", "query")

    def dbhub(self, engine, url):
        script = os.path.join(self.modules, "@bytebase/dbhub/dist/index.js")
        command = [self.node, script, "--transport", "stdio", "--dsn", url]
        return Launch("dbhub", engine, script, command, self.environment, "execute_sql", "sql")

    def toolbox(self, engine, prebuilt, environment):
        # The program itself, not the script that npm puts before it.
        folder = os.path.basename(os.path.dirname(os.path.dirname(self.node))).replace("node", "server")
        binary = os.path.join(self.modules, f"@toolbox-sdk/{folder}/bin/toolbox")
        command = [binary, "--prebuilt", prebuilt, "--stdio", "--disable-version-check"]
        environment = {**self.environment, **environment}
        return Launch("toolbox", engine, binary, command, environment, "execute_sql", "sql")
