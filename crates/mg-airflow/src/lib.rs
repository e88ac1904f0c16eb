//! Workflows of an Airflow 3: listed, described, run, followed and diagnosed.
