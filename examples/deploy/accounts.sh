#!/bin/sh
# Runs once, when the database is made: two databases and an account for each use. What the reading account may read is
# granted after `mgctl db migrate`, with what `mgctl db grants` prints.
set -eu
psql --set=ON_ERROR_STOP=1 --username=postgres \
  --set=airflow="$AIRFLOW_DATABASE_PASSWORD" --set=reader="$MG_READER_PASSWORD" --set=writer="$MG_WRITER_PASSWORD" <<'SQL'
CREATE ROLE airflow LOGIN PASSWORD :'airflow';
CREATE DATABASE airflow OWNER airflow;
CREATE ROLE mg_writer LOGIN PASSWORD :'writer';
CREATE DATABASE analytics OWNER mg_writer;
CREATE ROLE mg_reader LOGIN PASSWORD :'reader';
ALTER ROLE mg_reader SET default_transaction_read_only = on;
SQL
