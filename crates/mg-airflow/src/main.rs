//! The mg-airflow MCP server: workflows of an Airflow 3.
fn main() {}
