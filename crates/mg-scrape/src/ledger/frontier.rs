//! What a run asks for: loaded in the order it was found, written in batches, each of its rows until then waiting.

use std::collections::HashSet;

use serde_json::json;
use sqlx::{Connection, Row as _};

use super::{Counters, Ledger, LedgerError};
use crate::{definition::RequestRole, web::transport::Validators};

/// A request that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// The key in the ledger; the rows of its answer are staged under it.
    pub id: i64,
    /// Where.
    pub url: String,
    /// What the answer is read as.
    pub role: RequestRole,
    /// Hops from a first request.
    pub depth: u32,
    /// How often it was tried.
    pub tries: u32,
    /// Whether the run is not complete without it.
    pub essential: bool,
}

/// What becomes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is asked again, not before this time in milliseconds of Unix time.
    Again(i64),
    /// It was answered, and its rows are staged.
    Done,
    /// It was given up.
    Failed,
    /// It was answered: unchanged since the last run.
    Unchanged,
}

/// A request that was made.
#[derive(Clone, Debug)]
pub struct Done {
    /// Its key.
    pub id: i64,
    /// What becomes of it.
    pub fate: Fate,
    /// The status of the answer, where there was one.
    pub status: Option<u16>,
    /// The version of the answer.
    pub validators: Validators,
    /// Of what was read out of it.
    pub hash: u64,
    /// Rows that were read out of it.
    pub items: u64,
    /// Its links as JSON, to be followed if the next run finds it unchanged.
    pub links: Option<String>,
}

/// A request that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Where, canonical.
    pub url: String,
    /// What the answer is read as.
    pub role: RequestRole,
    /// Hops from a first request.
    pub depth: u32,
    /// Whether the run is not complete without it.
    pub essential: bool,
}

/// What is written in one transaction.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// What was asked.
    pub done: Vec<Done>,
    /// What was found; known ones are left out.
    pub found: Vec<Found>,
    /// What was counted.
    pub counters: Counters,
    /// What went wrong: kind, how often, and a sentence about the first case.
    pub failures: Vec<(&'static str, u64, String)>,
    /// Some rows, where they are more than before.
    pub sample: Option<String>,
}

const TODO: &str = "SELECT id, url, role, depth, tries, essential FROM frontier
 WHERE run = ?1 AND state = 0 AND id > ?2 AND not_before <= ?3 ORDER BY id LIMIT ?4";
const MARK: &str = "UPDATE frontier SET state = j.state, not_before = j.not_before, status = j.status, etag = j.etag,
 modified = j.modified, hash = j.hash, items = j.items, links = j.links, tries = tries + 1
 FROM (SELECT value->>0 id, value->>1 state, value->>2 not_before, value->>3 status, value->>4 etag, value->>5 modified,
   value->>6 hash, value->>7 items, value->>8 links FROM json_each(?1)) j WHERE frontier.id = j.id";
const FIND: &str = "INSERT OR IGNORE INTO frontier (run, url, role, depth, essential)
 SELECT ?1, value->>0, value->>1, value->>2, value->>3 FROM json_each(?2)";
const UNKNOWN: &str = "SELECT j.key FROM json_each(?2) j WHERE NOT EXISTS (SELECT 1 FROM frontier f
 WHERE f.run = ?1 AND f.url = j.value->>0 AND f.role = j.value->>1)";
const COUNT: &str = "UPDATE run SET pages = pages + ?2, unchanged_pages = unchanged_pages + ?3,
 failed_pages = failed_pages + ?4, bytes = bytes + ?5, items = items + ?6, rejected = rejected + ?7,
 waiting = waiting + ?8, sample = coalesce(?9, sample) WHERE id = ?1";
const FAIL: &str = "INSERT INTO failure (run, kind, count, example)
 SELECT ?1, value->>0, value->>1, value->>2 FROM json_each(?2) WHERE true
 ON CONFLICT DO UPDATE SET count = count + excluded.count";

impl Ledger {
    /// Requests that wait, in the order they were found, from after a key on.
    ///
    /// # Errors
    ///
    /// When the ledger cannot be read.
    pub async fn waiting(
        &mut self,
        run: i64,
        after: i64,
        now: i64,
        limit: u32,
    ) -> Result<Vec<Job>, LedgerError> {
        let rows = sqlx::query(TODO)
            .bind(run)
            .bind(after)
            .bind(now)
            .bind(limit);
        let rows = rows.fetch_all(&mut self.connection).await?;
        let jobs = rows.iter().map(|row| {
            let role: &str = row.try_get(2)?;
            let role = role
                .parse()
                .map_err(|wrong: String| sqlx::Error::Decode(wrong.into()))?;
            Ok(Job {
                id: row.try_get(0)?,
                url: row.try_get(1)?,
                role,
                depth: row.try_get(3)?,
                tries: row.try_get(4)?,
                essential: row.try_get(5)?,
            })
        });
        Ok(jobs.collect::<Result<_, sqlx::Error>>()?)
    }

    /// When the next request that waits for its time may be made, milliseconds of Unix time; `None` when none waits.
    ///
    /// # Errors
    ///
    /// When the ledger cannot be read.
    pub async fn next_waiting(&mut self, run: i64) -> Result<Option<i64>, LedgerError> {
        let next =
            sqlx::query_scalar("SELECT min(not_before) FROM frontier WHERE run = ?1 AND state = 0");
        Ok(next.bind(run).fetch_one(&mut self.connection).await?)
    }

    /// Calls `each` with every request of a run and, once it was answered, the hash of what was read.
    ///
    /// # Errors
    ///
    /// When the ledger cannot be read.
    pub async fn each_request(
        &mut self,
        run: i64,
        mut each: impl FnMut(&str, &str, Option<u64>),
    ) -> Result<(), LedgerError> {
        use futures::TryStreamExt as _;
        let rows = sqlx::query("SELECT url, role, hash FROM frontier WHERE run = ?1").bind(run);
        let mut rows = rows.fetch(&mut self.connection);
        while let Some(row) = rows.try_next().await? {
            let hash: Option<i64> = row.try_get(2)?;
            each(
                row.try_get(0)?,
                row.try_get(1)?,
                hash.map(i64::cast_unsigned),
            );
        }
        Ok(())
    }

    /// Those of the requests that the run has not found before, in their order.
    ///
    /// # Errors
    ///
    /// When the ledger cannot be read.
    pub async fn unknown(
        &mut self,
        run: i64,
        requests: Vec<Found>,
    ) -> Result<Vec<Found>, LedgerError> {
        let asked: Vec<_> = requests.iter().map(found).collect();
        let places = sqlx::query_scalar(UNKNOWN)
            .bind(run)
            .bind(json!(asked).to_string());
        let places: Vec<i64> = places.fetch_all(&mut self.connection).await?;
        let places: HashSet<usize> = places
            .into_iter()
            .filter_map(|place| usize::try_from(place).ok())
            .collect();
        let numbered = requests.into_iter().enumerate();
        Ok(numbered
            .filter(|(place, _)| places.contains(place))
            .map(|(_, request)| request)
            .collect())
    }

    /// What the answers that gave rows said in `Last-Modified`.
    ///
    /// # Errors
    ///
    /// When the ledger cannot be read.
    pub async fn modified(&mut self, run: i64) -> Result<Vec<String>, LedgerError> {
        let told = sqlx::query_scalar(
            "SELECT DISTINCT modified FROM frontier WHERE run = ?1 AND items > 0 AND modified IS NOT NULL LIMIT 10000",
        );
        Ok(told.bind(run).fetch_all(&mut self.connection).await?)
    }

    /// Whether a request without which the run is not complete was given up, or is still waiting.
    ///
    /// # Errors
    ///
    /// When the ledger cannot be read.
    pub async fn lacks_essential(&mut self, run: i64) -> Result<bool, LedgerError> {
        let lacks = sqlx::query_scalar(
            "SELECT EXISTS (SELECT 1 FROM frontier WHERE run = ?1 AND essential AND state IN (0, 2))",
        );
        Ok(lacks.bind(run).fetch_one(&mut self.connection).await?)
    }

    /// Writes a batch. The rows of what is done have to be staged before.
    ///
    /// # Errors
    ///
    /// When the ledger cannot be written; nothing of the batch is then.
    pub async fn write(&mut self, run: i64, batch: &Batch) -> Result<(), LedgerError> {
        let mut transaction = self.connection.begin().await?;
        let mut waiting = 0_i64;
        if !batch.done.is_empty() {
            let marked: Vec<_> = batch.done.iter().map(marked).collect();
            sqlx::query(MARK)
                .bind(json!(marked).to_string())
                .execute(&mut *transaction)
                .await?;
            let ended = batch
                .done
                .iter()
                .filter(|done| !matches!(done.fate, Fate::Again(_)));
            waiting -= i64::try_from(ended.count()).unwrap_or(i64::MAX);
        }
        if !batch.found.is_empty() {
            let found: Vec<_> = batch.found.iter().map(found).collect();
            let query = sqlx::query(FIND).bind(run).bind(json!(found).to_string());
            let added = query.execute(&mut *transaction).await?.rows_affected();
            waiting += i64::try_from(added).unwrap_or(i64::MAX);
        }
        if !batch.failures.is_empty() {
            let query = sqlx::query(FAIL)
                .bind(run)
                .bind(json!(batch.failures).to_string());
            query.execute(&mut *transaction).await?;
        }
        let counters = batch.counters;
        let counts = [
            counters.pages,
            counters.unchanged_pages,
            counters.failed_pages,
            counters.bytes,
            counters.items,
            counters.rejected,
        ];
        let mut query = sqlx::query(COUNT).bind(run);
        for count in counts {
            query = query.bind(i64::try_from(count).unwrap_or(i64::MAX));
        }
        query
            .bind(waiting)
            .bind(&batch.sample)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(())
    }
}

fn marked(done: &Done) -> serde_json::Value {
    let (state, not_before) = match done.fate {
        Fate::Again(not_before) => (0, not_before),
        Fate::Done => (1, 0),
        Fate::Failed => (2, 0),
        Fate::Unchanged => (3, 0),
    };
    let Validators { etag, modified } = &done.validators;
    let hash = (state == 1).then_some(done.hash.cast_signed());
    json!([
        done.id,
        state,
        not_before,
        done.status,
        etag,
        modified,
        hash,
        done.items,
        done.links
    ])
}

fn found(found: &Found) -> serde_json::Value {
    json!([
        found.url,
        found.role.to_string(),
        found.depth,
        i32::from(found.essential)
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_what_a_run_has_not_found_is_new_to_it() {
        let folder = tempfile::tempdir().unwrap();
        let mut ledger = Ledger::at(folder.path().join("ledger.db")).await.unwrap();
        let page = |number| Found {
            url: format!("https://a.fr/{number}"),
            role: RequestRole::Page,
            depth: 0,
            essential: false,
        };
        let batch = Batch {
            found: (0..3).map(page).collect(),
            ..Batch::default()
        };
        ledger.write(1, &batch).await.unwrap();
        let feed = Found {
            role: RequestRole::Feed,
            ..page(1)
        };
        let asked = vec![page(2), page(5), feed.clone(), page(0), page(4)];
        let unknown = ledger.unknown(1, asked.clone()).await.unwrap();
        assert_eq!(unknown, [page(5), feed, page(4)]);
        assert_eq!(ledger.unknown(2, asked.clone()).await.unwrap(), asked);
    }
}
