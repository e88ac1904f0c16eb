//! Types by the numbers that describe a row: built in, or looked up once a connection.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use tokio_postgres::types::{Kind, Oid, Type};

use super::{error::Broken, wire::Wire};

/// What domains and arrays are made of, down to what is built in.
const LOOK_UP: &str = include_str!("types.sql");

/// The types of one database that one connection has met.
#[derive(Debug, Default)]
pub(super) struct Types(Mutex<HashMap<Oid, Type>>);

/// A type that is not built in: its name and what it is made of.
struct Made {
    name: String,
    is_domain: bool,
    part: Oid,
}

impl Types {
    /// The types of a row; `None` when one of them has to be looked up.
    pub(super) fn known(&self, oids: &[Oid]) -> Option<Vec<Type>> {
        let met = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = |oid: &Oid| Type::from_oid(*oid).or_else(|| met.get(oid).cloned());
        oids.iter().map(known).collect()
    }

    /// The types of a row, those that are not known asked of the server.
    pub(super) async fn look_up(&self, wire: &mut Wire, oids: &[Oid]) -> Result<Vec<Type>, Broken> {
        let numbers: Vec<String> = oids.iter().map(Oid::to_string).collect();
        let asking = LOOK_UP.replace("%OIDS%", &numbers.join(", "));
        let answer = wire.ask(&asking).await?;
        let made: HashMap<Oid, Made> = answer.iter().filter_map(|row| made(row)).collect();
        let mut met = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let types = oids.iter().map(|oid| {
            let found = built(*oid, &made);
            met.insert(*oid, found.clone());
            found
        });
        Ok(types.collect())
    }
}

fn made(row: &[Option<String>]) -> Option<(Oid, Made)> {
    let [Some(oid), Some(name), Some(is_domain), Some(part)] = row else {
        return None;
    };
    let made = Made {
        name: name.clone(),
        is_domain: is_domain == "t",
        part: part.parse().ok()?,
    };
    Some((oid.parse().ok()?, made))
}

/// One that is in no catalogue any more is told by its number.
fn built(oid: Oid, made: &HashMap<Oid, Made>) -> Type {
    if let Some(built_in) = Type::from_oid(oid) {
        return built_in;
    }
    let (name, kind) = match made.get(&oid) {
        Some(made_of) if made_of.part == 0 => (made_of.name.clone(), Kind::Simple),
        Some(made_of) => {
            let part = built(made_of.part, made);
            let kind = if made_of.is_domain {
                Kind::Domain(part)
            } else {
                Kind::Array(part)
            };
            (made_of.name.clone(), kind)
        }
        None => (format!("type {oid}"), Kind::Simple),
    };
    Type::new(name, oid, kind, String::new())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_built_from_what_they_are_made_of() {
        let of = |name: &str, is_domain, part| Made {
            name: name.to_owned(),
            is_domain,
            part,
        };
        let made = HashMap::from([
            (20_001, of("_price", false, 20_000)),
            (20_000, of("price", true, Type::NUMERIC.oid())),
        ]);
        let prices = built(20_001, &made);
        let Kind::Array(price) = prices.kind() else {
            panic!("{prices:?}");
        };
        assert_eq!(
            (price.name(), price.kind()),
            ("price", &Kind::Domain(Type::NUMERIC))
        );
        assert_eq!(built(Type::INT4.oid(), &made), Type::INT4);
        assert_eq!(built(30_000, &made).name(), "type 30000");
    }

    #[test]
    fn what_is_built_in_is_known_at_once() {
        let types = Types::default();
        assert_eq!(
            types.known(&[Type::INT4.oid(), Type::TEXT_ARRAY.oid()]),
            Some(vec![Type::INT4, Type::TEXT_ARRAY])
        );
        assert_eq!(types.known(&[Type::INT4.oid(), 20_000]), None);
    }
}
