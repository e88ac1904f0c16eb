//! What recognises the versions of pages whose rows are in the tables, kept across the runs of a spider.

use serde_json::json;
use sqlx::{Connection, Row as _};

use super::{Ending, Job, Ledger, LedgerError, State, run::written};
use crate::web::transport::Validators;

/// What the last run that succeeded knew of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// Its version.
    pub validators: Validators,
    /// Of what was read out of it.
    pub hash: u64,
    /// Rows that were read out of it.
    pub items: u64,
    /// Its links, as JSON.
    pub links: Option<String>,
}

const KNOWN: &str = "SELECT j.value->>0, v.etag, v.modified, v.hash, v.items, v.links FROM json_each(?1) j
 JOIN validator v ON v.spider = ?2 AND v.digest = ?3 AND v.url = j.value->>1 AND v.role = j.value->>2
 WHERE v.etag IS NOT NULL OR v.modified IS NOT NULL";
const KEEP: &str = "INSERT INTO validator (spider, url, role, digest, etag, modified, hash, items, links)
 SELECT r.spider, f.url, f.role, r.digest, f.etag, f.modified, f.hash, coalesce(f.items, 0), f.links
 FROM run r JOIN frontier f ON f.run = r.id WHERE r.id = ?1 AND f.state = 1
 ON CONFLICT DO UPDATE SET digest = excluded.digest, etag = excluded.etag, modified = excluded.modified,
 hash = excluded.hash, items = excluded.items, links = excluded.links";

const FORGET: &str = "DELETE FROM frontier WHERE run = ?1 OR run IN (SELECT o.id FROM run o JOIN run r ON r.spider = o.spider
 WHERE r.id = ?1 AND o.ended IS NOT NULL)";

impl Ledger {
    /// What is known of these requests, by their keys.
    ///
    /// # Errors
    ///
    /// When the ledger cannot be read.
    pub async fn known(
        &mut self,
        spider: &str,
        digest: &str,
        jobs: &[Job],
    ) -> Result<Vec<(i64, Known)>, LedgerError> {
        let asked: Vec<_> = jobs
            .iter()
            .map(|job| json!([job.id, job.url, job.role.to_string()]))
            .collect();
        let rows = sqlx::query(KNOWN)
            .bind(json!(asked).to_string())
            .bind(spider)
            .bind(digest);
        let rows = rows.fetch_all(&mut self.connection).await?;
        let known = rows.iter().map(|row| {
            let known = Known {
                validators: Validators {
                    etag: row.try_get(1)?,
                    modified: row.try_get(2)?,
                },
                hash: row
                    .try_get::<Option<i64>, _>(3)?
                    .unwrap_or_default()
                    .cast_unsigned(),
                items: row.try_get::<i64, _>(4)?.unsigned_abs(),
                links: row.try_get(5)?,
            };
            Ok((row.try_get(0)?, known))
        });
        Ok(known.collect::<Result<_, sqlx::Error>>()?)
    }

    /// Ends a run whose rows are in the tables: keeps what recognises its pages, and forgets what the runs of its spider
    /// had asked for. One transaction: what is kept is what the tables hold.
    ///
    /// # Errors
    ///
    /// When the ledger cannot be written.
    pub async fn succeed(
        &mut self,
        run: i64,
        ending: &Ending,
        now: &str,
    ) -> Result<(), LedgerError> {
        let mut transaction = self.connection.begin().await?;
        sqlx::query(KEEP)
            .bind(run)
            .execute(&mut *transaction)
            .await?;
        sqlx::query(FORGET)
            .bind(run)
            .execute(&mut *transaction)
            .await?;
        written(&mut transaction, run, State::Succeeded, ending, now).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Forgets what a run had asked for.
    ///
    /// # Errors
    ///
    /// When the ledger cannot be written.
    pub async fn forget(&mut self, run: i64) -> Result<(), LedgerError> {
        let forget = sqlx::query("DELETE FROM frontier WHERE run = ?1").bind(run);
        forget.execute(&mut self.connection).await?;
        Ok(())
    }
}
