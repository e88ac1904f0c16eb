"""A server as a client meets it: spawned, spoken to over its stdin and stdout. Standard library only."""

import json
import os
import signal
import subprocess
import time

# A reply this long is not parsed to be recognised: one request is under way, and nothing else is as long.
LONG = 4096
# Seconds that any one answer may take.
PATIENCE = 120


class Failed(Exception):
    """A server ended, hung or refused; the text says which."""


class Server:
    """A running server; `started` is the moment before it was spawned."""

    def __init__(self, command, environment, errors=subprocess.DEVNULL):
        self.name = os.path.basename(command[0])
        self.started = time.perf_counter()
        self.process = subprocess.Popen(
            command, cwd="/", bufsize=0, env=environment,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors,
        )
        self.answers = os.fdopen(os.dup(self.process.stdout.fileno()), "rb", buffering=1 << 20)
        self.last = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()
        self.answers.close()

    def send(self, method, parameters=None, **more):
        message = {"jsonrpc": "2.0", "method": method, "params": parameters or {}, **more}
        self.write(json.dumps(message).encode())

    def write(self, line):
        self.process.stdin.write(line + b"\n")

    def read(self):
        """The next line."""
        signal.signal(signal.SIGALRM, self.hung)
        signal.alarm(PATIENCE)
        line = self.answers.readline()
        signal.alarm(0)
        if not line:
            raise Failed(f"{self.name} ended with exit code {self.process.wait(timeout=10)}")
        return line

    def hung(self, *_):
        raise Failed(f"{self.name} did not answer within {PATIENCE} s")

    def ask(self, method, parameters=None):
        """The response to a request, as its bytes."""
        self.last += 1
        self.send(method, parameters, id=self.last)
        while True:
            line = self.read()
            if len(line) > LONG or self.is_answer(line):
                return line

    def is_answer(self, line):
        """Whether this is the answer; what is no JSON at all (a banner) is passed over."""
        try:
            return json.loads(line).get("id") == self.last
        except json.JSONDecodeError:
            return False

    def initialize(self):
        client = {"name": "bench", "version": "0"}
        self.ask("initialize", {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": client})
        self.send("notifications/initialized")

    def call(self, tool, arguments):
        """Milliseconds to the last byte of a call's reply, and the reply; the call must succeed."""
        before = time.perf_counter()
        line = self.ask("tools/call", {"name": tool, "arguments": arguments})
        took = milliseconds(before)
        answer = json.loads(line)
        if "error" in answer or answer["result"].get("isError"):
            raise Failed(f"{self.name}: {tool} failed: {line[:500].decode()}")
        return took, line

    def leave_running(self, tool, arguments):
        """Sends a call and waits for the server's word that it runs."""
        meta = {"progressToken": "bench"}
        self.send("tools/call", {"name": tool, "arguments": arguments, "_meta": meta}, id="running")
        self.read()

    def processes(self):
        """The process and all that it has started."""
        found = [self.process.pid]
        for process in found:  # grows while it is walked
            for thread in os.listdir(f"/proc/{process}/task"):
                with open(f"/proc/{process}/task/{thread}/children") as children:
                    found += map(int, children.read().split())
        return found

    def memory(self, line):
        """Megabytes that the kernel tells in this line, of all its processes together."""
        return sum(kilobytes(process, line) for process in self.processes()) / 1024

    def end(self, way):
        """Milliseconds to the end after EOF or a signal; the exit code must be 0."""
        before = time.perf_counter()
        if way == "EOF":
            self.process.stdin.close()
        else:
            self.process.send_signal(way)
        code = self.process.wait(timeout=10)
        took = milliseconds(before)
        if code != 0:
            raise Failed(f"{self.name} ended with exit code {code}")
        return took


def kilobytes(process, line):
    with open(f"/proc/{process}/status") as status:
        return next(int(row.split()[1]) for row in status if row.startswith(line + ":"))


def milliseconds(since):
    return (time.perf_counter() - since) * 1000


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
