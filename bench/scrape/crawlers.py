"""What is measured: how each crawler and each browser's client is run, and how its result is counted."""

import dataclasses
import os
import sqlite3
import subprocess
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
SHELL = "/usr/lib/chromium/chromium-headless-shell"
FULL = "/usr/lib/chromium/chromium"


class Site:
    """A running mg-site."""

    def __init__(self, binary, pages):
        self.process = subprocess.Popen([binary, "--pages", str(pages)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.base = self.process.stdout.readline().decode().strip()
        self.pages = pages

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


@dataclasses.dataclass
class Work:
    """A command that does the work once, in a fresh folder; `count` tells how much it has done."""

    name: str
    command: callable
    count: callable
    environment: callable = lambda folder: None


def mg_scrape(name, binary, binaries, site):
    """`mg-scrape run`: the command that people and workflows use, its worker and its ledger included."""

    def environment(folder):
        for place in ("spiders", "data"):
            os.makedirs(os.path.join(folder, place), exist_ok=True)
        with open(os.path.join(HERE, "site.toml")) as template:
            text = template.read().replace("BASE", site.base).replace("HOST", site.base.split("/")[2])
        with open(os.path.join(folder, "spiders", "site.toml"), "w") as spider:
            spider.write(text)
        with open(os.path.join(folder, "mg.toml"), "w") as settings:
            settings.write("")
        database = os.path.join(folder, "rows.sqlite")
        sqlite3.connect(database).close()
        variables = {
            "HOME": folder,
            "PATH": os.environ["PATH"],
            "MG_CONFIG": settings.name,
            "MG_DATA_DIR": os.path.join(folder, "data"),
            "MG_DATABASE_URL": f"sqlite:{database}",
        }
        mgctl = os.path.join(binaries, "mgctl")
        subprocess.run([mgctl, "db", "init"], env=variables, check=True, stdout=subprocess.DEVNULL)
        return variables

    def count(folder, _):
        return rows(os.path.join(folder, "rows.sqlite"), "web_site")

    return Work(name, lambda _: [binary, "run", "site", "--json"], count, environment)


def scrapy(python, site):
    def command(folder):
        script = os.path.join(HERE, "scrapy_site.py")
        file = os.path.join(folder, "rows.sqlite")
        return [f"{python}/scrapy", "runspider", script, "-a", f"base={site.base}", "-a", f"file={file}"]

    return Work("Scrapy", command, lambda folder, _: rows(os.path.join(folder, "rows.sqlite"), "page"))


def rows(file, table):
    database = sqlite3.connect(file)
    count = database.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
    database.close()
    return count


def our_browser(name, example, program, urls):
    command = [example, "--allow-private", "--concurrency", "4", "--wait-for", "article", "--program", program, *urls]
    return Work(name, lambda _: command, lambda _, output: output.count('"awaited":true'))


def playwright(name, python, program, which, urls):
    command = [f"{python}/python", os.path.join(HERE, "playwright_pages.py"), program, which, *urls]
    return Work(name, lambda _: command, lambda _, output: int(output.split()[-1]))


def fresh_folder(scratch):
    return tempfile.mkdtemp(dir=scratch)
