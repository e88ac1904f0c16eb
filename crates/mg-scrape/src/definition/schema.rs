//! The JSON Schema of a spider's file, for editors that complete and check while one writes.

use super::Definition;

/// The schema as text, as docs/spider.schema.json has it.
///
/// # Errors
///
/// Never in practice: the schema is a plain document.
pub fn schema() -> Result<String, serde_json::Error> {
    let schema = schemars::schema_for!(Definition);
    serde_json::to_string_pretty(&schema).map(|text| text + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_committed_schema_is_this_one() {
        mg_testkit::golden("docs/spider.schema.json", &schema().unwrap());
    }
}
