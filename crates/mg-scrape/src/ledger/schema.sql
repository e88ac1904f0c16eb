-- A run of a spider.
CREATE TABLE IF NOT EXISTS run (
  id INTEGER PRIMARY KEY,
  run_id TEXT NOT NULL UNIQUE,
  spider TEXT NOT NULL,
  digest TEXT NOT NULL,            -- of the definition: another one is another spider
  arguments TEXT NOT NULL,         -- what the caller gave, as JSON with sorted keys
  bound TEXT NOT NULL,             -- the spider with the arguments put in, as JSON
  tables TEXT NOT NULL,            -- names with commas
  requested_by TEXT NOT NULL,
  state TEXT NOT NULL,
  pid INTEGER,
  started TEXT NOT NULL,
  ended TEXT,
  heartbeat INTEGER NOT NULL,      -- milliseconds of Unix time
  cancel INTEGER NOT NULL DEFAULT 0,
  pages INTEGER NOT NULL DEFAULT 0,
  unchanged_pages INTEGER NOT NULL DEFAULT 0,
  failed_pages INTEGER NOT NULL DEFAULT 0,
  waiting INTEGER NOT NULL DEFAULT 0,
  bytes INTEGER NOT NULL DEFAULT 0,
  items INTEGER NOT NULL DEFAULT 0,
  rejected INTEGER NOT NULL DEFAULT 0,
  inserted INTEGER,
  updated INTEGER,
  unchanged INTEGER,
  complete INTEGER NOT NULL DEFAULT 1,
  stopped TEXT,                    -- the limit that ended the crawl
  message TEXT,                    -- why it failed
  sample TEXT,                     -- some rows, as JSON
  change_report TEXT,              -- as JSON
  notes TEXT                       -- a line each
);
CREATE INDEX IF NOT EXISTS run_of_spider ON run (spider, id);

-- What a run asks for; a row is `waiting` until its rows are staged.
CREATE TABLE IF NOT EXISTS frontier (
  id INTEGER PRIMARY KEY,
  run INTEGER NOT NULL,
  url TEXT NOT NULL,
  role TEXT NOT NULL,
  depth INTEGER NOT NULL,
  essential INTEGER NOT NULL,      -- without it the run is not complete
  state INTEGER NOT NULL DEFAULT 0,-- 0 waiting, 1 done, 2 failed, 3 unchanged
  tries INTEGER NOT NULL DEFAULT 0,
  not_before INTEGER NOT NULL DEFAULT 0,
  status INTEGER,
  etag TEXT,
  modified TEXT,
  hash INTEGER,
  items INTEGER,
  links TEXT,                      -- as JSON, where the page may be asked conditionally the next time
  UNIQUE (run, url, role)
);
CREATE INDEX IF NOT EXISTS waiting ON frontier (run, id) WHERE state = 0;

-- What recognises the version of a page that the tables hold.
CREATE TABLE IF NOT EXISTS validator (
  spider TEXT NOT NULL,
  url TEXT NOT NULL,
  role TEXT NOT NULL,
  digest TEXT NOT NULL,
  etag TEXT,
  modified TEXT,
  hash INTEGER,
  items INTEGER NOT NULL,
  links TEXT,
  PRIMARY KEY (spider, url, role)
) WITHOUT ROWID;

-- What went wrong in a run: how often, and the first case.
CREATE TABLE IF NOT EXISTS failure (
  run INTEGER NOT NULL,
  kind TEXT NOT NULL,
  count INTEGER NOT NULL,
  example TEXT NOT NULL,
  PRIMARY KEY (run, kind)
) WITHOUT ROWID;

-- What happened to a run.
CREATE TABLE IF NOT EXISTS event (
  id INTEGER PRIMARY KEY,
  run INTEGER NOT NULL,
  at TEXT NOT NULL,
  text TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS event_of_run ON event (run, id);
