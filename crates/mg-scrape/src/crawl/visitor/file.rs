//! Files: fetched to the disk, then read row by row.

use std::sync::Arc;

use super::{Job, Known, Read, Trouble, Visitor, parsed};
use crate::{
    crawl::visit::Rows,
    files,
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
        let most = rule.max_bytes.unwrap_or(u64::MAX).min(self.bound.limits.max_bytes);
        let known = known.filter(|_| rule.if_changed);
        let unless = known.map(|known| &known.validators);
        let download = match self.transport.file(self.asked(&url, unless), most).await? {
            Answer::Fresh(download) => download,
            Answer::Unchanged => {
                let known = known.ok_or(Failure::Status(304))?;
                return Ok(self.unchanged(job, known));
            }
        };
        self.rows_of(job, download).await
    }

    /// Reads a file on a thread of its own; its rows are sent on as they come, as fast as they are staged.
    async fn rows_of(&self, job: &Job, download: Download) -> Result<Read, Trouble> {
        let Download { url, validators, file, length, .. } = download;
        let (bound, sender, job) = (Arc::clone(&self.bound), self.rows.clone(), job.clone());
        let fetched_at = self.clock.now_iso();
        let (url, at) = (url.to_string(), fetched_at.clone());
        let place = url.clone();
        let reading = tokio::task::spawn_blocking(move || {
            files::read(&bound, job.role, file, |first, items| {
                let (url, fetched_at) = (place.clone(), at.clone());
                sender.blocking_send(Rows { page: job.id, first, url, fetched_at, items }).is_ok()
            })
        });
        let outcome = reading.await.map_err(|_| Trouble::Internal)?.map_err(Trouble::Unreadable)?;
        let remark = outcome.rejections.first().map(|first| {
            let told = format!("{url}: `{}`: {} (`{}`)", first.field, first.reason, first.raw);
            ("rejected_row", outcome.rejected, told)
        });
        Ok(Read {
            url,
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
}
