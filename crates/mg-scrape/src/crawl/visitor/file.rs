//! Files: downloaded whole to the disk, then read row by row into the staging tables.

use std::sync::Arc;

use url::Url;

use super::{Job, Known, Read, Trouble, Visitor, parsed};
use crate::{
    crawl::visit::Rows,
    definition::RequestRole,
    files::{self, Outcome},
    web::{
        Failure,
        transport::{Answer, Download},
    },
};

impl Visitor {
    pub(super) async fn file(
        &self,
        job: &Job,
        rule: usize,
        known: Option<&Known>,
    ) -> Result<Read, Trouble> {
        let url = parsed(&job.url)?;
        let rule = self.bound.spider.definition.file.get(rule);
        let rule = rule.ok_or_else(|| Trouble::Unreadable("the spider has no such file".into()))?;
        let most = rule
            .max_bytes
            .unwrap_or(self.bound.limits.max_bytes)
            .min(self.bound.limits.max_bytes);
        let unless = known
            .filter(|_| rule.if_changed)
            .map(|known| &known.validators);
        let download = match self.transport.file(self.asked(&url, unless), most).await? {
            Answer::Fresh(download) => download,
            Answer::Unchanged => {
                let known = known.ok_or(Failure::Status(304))?;
                return Ok(self.unchanged(job, known));
            }
        };
        let fetched_at = self.clock.now_iso();
        let Download {
            url,
            validators,
            file,
            length,
            ..
        } = download;
        let outcome = self.rows_of(job, file, &url, &fetched_at).await?;
        let remark = outcome.rejections.first().map(|first| {
            let told = format!(
                "{url}: `{}`: {} (`{}`)",
                first.field, first.reason, first.raw
            );
            ("rejected_row", outcome.rejected, told)
        });
        Ok(Read {
            url: url.into(),
            fetched_at,
            status: 200,
            bytes: length,
            validators,
            hash: outcome.hash,
            count: outcome.items,
            rejected: outcome.rejected,
            remarks: remark.into_iter().collect(),
            ..Read::default()
        })
    }

    /// Reads the rows in a thread that may block, and sends them on while it reads.
    async fn rows_of(
        &self,
        job: &Job,
        file: std::fs::File,
        url: &Url,
        fetched_at: &str,
    ) -> Result<Outcome, Trouble> {
        let (bound, rows) = (Arc::clone(&self.bound), self.rows.clone());
        let (page, role): (i64, RequestRole) = (job.id, job.role);
        let (path, url) = (url.path().to_owned(), url.to_string());
        let fetched_at = fetched_at.to_owned();
        let read = tokio::task::spawn_blocking(move || {
            files::read(&bound, role, (&path, file), |first, items| {
                let (url, fetched_at) = (url.clone(), fetched_at.clone());
                rows.blocking_send(Rows {
                    page,
                    first,
                    url,
                    fetched_at,
                    items,
                })
                .is_ok()
            })
        });
        let read = read.await.map_err(|error| {
            tracing::error!(%error, "reading a file broke");
            Trouble::Internal
        })?;
        read.map_err(Trouble::Unreadable)
    }
}
