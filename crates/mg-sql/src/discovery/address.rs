//! How a table is called where one name has to lead to one table.

use std::collections::HashMap;

use mg_core::{ToolError, clean};
use mg_db::gate::Object;

use super::is_relation;

/// Tables and views by the shortest name that leads to one alone: `table`, or `schema.table` where several
/// schemas have one of that name.
pub(crate) fn addresses(objects: &[Object]) -> Vec<(String, &Object)> {
    let relations = || objects.iter().filter(|object| is_relation(object));
    let mut times: HashMap<&str, usize> = HashMap::new();
    for object in relations() {
        *times.entry(&object.name).or_default() += 1;
    }
    let address = |object: &Object| match times.get(object.name.as_str()) {
        Some(1) => clean(&object.name),
        _ => qualified(object),
    };
    relations()
        .map(|object| (address(object), object))
        .collect()
}

/// The table or view of a name, with or without its schema.
///
/// # Errors
///
/// Where the name is that of several.
pub(crate) fn addressed<'a>(
    objects: &'a [Object],
    name: &str,
) -> Result<Option<&'a Object>, ToolError> {
    let addresses = addresses(objects);
    let named = addresses
        .iter()
        .find(|(address, object)| address == name || qualified(object) == name);
    if let Some((_, object)) = named {
        return Ok(Some(object));
    }
    let of_schemas = addresses.iter().filter(|(_, object)| object.name == name);
    let ways: Vec<&str> = of_schemas.map(|(address, _)| address.as_str()).collect();
    if ways.is_empty() {
        return Ok(None);
    }
    Err(ToolError::Invalid(format!(
        "`{name}` is the name of several tables: ask for {}",
        ways.join(" or ")
    )))
}

fn qualified(object: &Object) -> String {
    clean(&format!("{}.{}", object.schema, object.name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn objects() -> Vec<Object> {
        let table = |(schema, name): (&str, &str)| Object {
            schema: schema.into(),
            name: name.into(),
            ..Object::default()
        };
        [("public", "dim"), ("s", "dim"), ("s", "fact")]
            .map(table)
            .into()
    }

    #[test]
    fn every_table_has_an_address_of_its_own() {
        let objects = objects();
        let told = addresses(&objects);
        let names: Vec<&str> = told.iter().map(|(address, _)| address.as_str()).collect();
        assert_eq!(names, ["public.dim", "s.dim", "fact"]);
        for (address, object) in &told {
            assert_eq!(addressed(&objects, address).unwrap(), Some(*object));
        }
        let fact = addressed(&objects, "s.fact").unwrap().unwrap();
        assert_eq!(fact.name, "fact");
    }

    #[test]
    fn a_name_of_several_tables_is_answered_with_their_addresses() {
        let objects = objects();
        let refusal = addressed(&objects, "dim").unwrap_err().to_string();
        assert!(
            refusal.ends_with("ask for public.dim or s.dim"),
            "{refusal}"
        );
        assert_eq!(addressed(&objects, "other").unwrap(), None);
    }
}
