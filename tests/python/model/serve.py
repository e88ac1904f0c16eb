"""A model that follows a script, in the wire formats of the providers.

usage: serve.py SCRIPT LOG

SCRIPT is JSON: `turns`, each a list of [tool, arguments] to call at once, and `words`, the last answer, in which
`{name}` stands for what a group of the regular expression `found[name]` captures in the results of the tools, which some
SDKs hand on as text and others as structured content: a number is only said when it came through the whole conversation. Where the script stands is told by how many results came back, so
the model keeps nothing between requests. The port is printed on one line. Each request adds a line to LOG:
path, names of the tools on offer, texts of the results so far, and the body as it came.
"""

import json
import re
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from dialects import ALL


def offered(name, tools):
    """The tool under the name that the SDK gave it, e.g. mcp__mg-kpi__get_indicator."""
    return next((tool for tool in tools if tool == name or tool.endswith("__" + name)), None)


def turn(script, tools, results):
    """The calls or the words that follow so many results."""
    done = 0
    for calls in script["turns"]:
        if done == len(results):
            named = [(offered(name, tools), arguments) for name, arguments in calls]
            missing = [name for (found, _), (name, _) in zip(named, calls) if found is None]
            return ([], f"no tool {missing} among {tools}") if missing else (named, None)
        done += len(calls)
    if done != len(results):
        return [], f"{len(results)} results, but {done} calls"
    return [], said(script, "\n".join(results))


def said(script, results):
    values = {name: re.search(pattern, results) for name, pattern in script["found"].items()}
    if missing := [name for name, value in values.items() if value is None]:
        return f"not among the results: {missing}"
    return script["words"].format(**{name: value.group(value.lastindex) for name, value in values.items()})


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    script: dict
    log: Path

    def log_message(self, *_arguments):
        pass

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers.get("content-length") or 0)))
        path = self.path.partition("?")[0]
        dialect = next((dialect for dialect in ALL if path.endswith(dialect.path)), None)
        if dialect is None:
            self.answered({"error": {"message": f"no such endpoint: {path}"}}, 404)
            return
        tools, results = dialect.tools(body), dialect.results(body)
        with self.log.open("a", encoding="utf-8") as log:
            line = {"path": path, "tools": tools, "results": results, "body": body}
            log.write(json.dumps(line, ensure_ascii=False) + "\n")
        calls, words = turn(self.script, tools, results)
        self.answered(dialect.answer(body, calls, words))

    def answered(self, answer, status=200):
        if isinstance(answer, dict):
            kind, data = "application/json", json.dumps(answer)
        else:
            kind = "text/event-stream"
            data = "".join(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in answer)
        data = data.encode()
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


def main(script, log):
    Handler.script = json.loads(Path(script).read_text(encoding="utf-8"))
    Handler.log = Path(log)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(server.server_port, flush=True)
    server.serve_forever()


main(*sys.argv[1:])
