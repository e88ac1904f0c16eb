"""The same site, fields and table as site.toml, by Scrapy: scrapy runspider scrapy_site.py -a base=URL -a file=SQLITE"""

import sqlite3

import scrapy

BATCH = 256
UPSERT = (
    "INSERT INTO page VALUES (:reference, :title, :price, :date) ON CONFLICT (reference) DO UPDATE"
    " SET title = excluded.title, price = excluded.price, date = excluded.date"
)


class Rows:
    """Upserts rows in batches, each in a transaction."""

    def open_spider(self, spider):
        self.waiting = []
        self.database = sqlite3.connect(spider.file)
        self.database.execute("PRAGMA journal_mode = WAL")
        self.database.execute("CREATE TABLE page (reference TEXT PRIMARY KEY, title TEXT, price TEXT, date TEXT)")

    def process_item(self, item, spider):
        self.waiting.append(item)
        if len(self.waiting) == BATCH:
            self.write()
        return item

    def write(self):
        with self.database:
            self.database.executemany(UPSERT, self.waiting)
        self.waiting = []

    def close_spider(self, spider):
        self.write()
        self.database.close()


class Site(scrapy.Spider):
    name = "site"
    custom_settings = {
        "CONCURRENT_REQUESTS": 16,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 16,
        "DOWNLOAD_DELAY": 0,
        "AUTOTHROTTLE_ENABLED": False,
        "ROBOTSTXT_OBEY": False,
        "LOG_LEVEL": "ERROR",
        "TELNETCONSOLE_ENABLED": False,
        "ITEM_PIPELINES": {Rows: 1},
    }

    def __init__(self, base, file, **more):
        super().__init__(**more)
        self.start_urls = [base + "/"]
        self.file = file

    def parse(self, response):
        reference = response.css("p.reference::text").get()
        if reference:
            yield {
                "reference": reference,
                "title": response.css("h1::text").get(),
                "price": response.css("p.price::text").get(),
                "date": response.css("p.date::text").get(),
            }
        yield from response.follow_all(css="a")
