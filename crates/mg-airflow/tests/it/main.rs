//! mg-airflow as a client meets it: against a real Airflow, and against a server of ours that misbehaves.
#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod arguments;
mod cancelling;
mod celery;
mod describing;
mod diagnosing;
mod end_to_end;
mod examples;
mod faults;
mod hostile;
mod listing;
mod offers;
mod outages;
mod overnight;
mod roles;
mod running;
mod waiting;
mod world;
