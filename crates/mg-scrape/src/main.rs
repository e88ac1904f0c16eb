//! The mg-scrape MCP server: named spiders that end in a table.
fn main() {}
