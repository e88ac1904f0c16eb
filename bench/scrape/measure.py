"""What a command costs, with all the processes it starts. Linux, standard library only."""

import ctypes
import os
import subprocess
import threading
import time

PR_SET_CHILD_SUBREAPER = 36
# Seconds between two looks at the memory of browsers.
ROUND = 0.2


class Failed(Exception):
    """A command that did not end well; the text is the end of what it wrote."""


def run(command, environment=None, patience=600):
    """Runs a command to its end: {wall, cpu, peak_mb, sum_mb, output}.

    `cpu`: seconds of all its processes. `peak_mb`: the largest of them. `sum_mb`: the most that all held together, in
    proportional shares, so that what they share counts once.
    """
    adopt_orphans()
    others = children(os.getpid())
    before = time.perf_counter()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    reader = Reader(process.stdout)
    watcher = Watcher(process.pid)
    timer = threading.Timer(patience, process.kill)
    timer.start()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - before
    timer.cancel()
    usages = [usage, *orphans(others)]
    held = watcher.stop()
    output = reader.text()
    if status != 0:
        raise Failed(f"{command[0]}: status {status}: {output[-2000:]}")
    return {
        "wall": wall,
        "cpu": sum(usage.ru_utime + usage.ru_stime for usage in usages),
        "peak_mb": max(usage.ru_maxrss for usage in usages) / 1024,
        "sum_mb": held,
        "output": output,
    }


def adopt_orphans():
    """Processes whose parent ends become ours, so that they can be waited for and counted."""
    if ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError("no subreaper")


def orphans(others):
    """The resources of what the command left behind, once it has ended."""
    while left := children(os.getpid()) - others:
        yield os.wait4(left.pop(), 0)[2]


class Reader:
    """Reads a pipe to its end in a thread, so that it never fills up."""

    def __init__(self, pipe):
        self.pipe = pipe
        self.parts = []
        self.thread = threading.Thread(target=lambda: self.parts.append(pipe.read()), daemon=True)
        self.thread.start()

    def text(self):
        self.thread.join(timeout=10)
        return b"".join(self.parts).decode(errors="replace")


class Watcher:
    """Looks at the memory of a process and its descendants until it is stopped."""

    def __init__(self, process):
        self.process = process
        self.most = 0
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self.watch, daemon=True)
        self.thread.start()

    def watch(self):
        while not self.ended.wait(ROUND):
            self.most = max(self.most, sum(map(proportional, descendants(self.process))))

    def stop(self):
        self.ended.set()
        self.thread.join()
        return self.most / 1024


def children(process):
    """What a process has started and not yet waited for."""
    found = set()
    try:
        for thread in os.listdir(f"/proc/{process}/task"):
            with open(f"/proc/{process}/task/{thread}/children") as told:
                found.update(map(int, told.read().split()))
    except OSError:
        pass  # it has ended
    return found


def descendants(process):
    found = [process]
    for known in found:  # grows while it is walked
        found += children(known)
    return found


def proportional(process):
    try:
        with open(f"/proc/{process}/smaps_rollup") as rollup:
            return next(int(line.split()[1]) for line in rollup if line.startswith("Pss:"))
    except (OSError, StopIteration):
        return 0  # it has ended
