//! The spider's name and its parameters.

use super::{
    super::{Definition, Param, ParamDefault, ParamKind, Template, bind},
    Wrong, refuse,
};

pub(super) fn name(stem: &str, definition: &Definition) -> Result<(), Wrong> {
    let name = &definition.name;
    refuse(name != stem, "name", || {
        format!("`{name}` is not the file's name; write `{stem}` or rename the file")
    })?;
    refuse(!is_plain(name, 49), "name", || {
        format!(
            "`{name}` may hold lower-case letters, digits and `_` only, at most 49, a letter first"
        )
    })
}

/// Lower-case letters, digits and `_`, a letter first.
pub(super) fn is_plain(text: &str, most: usize) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.len() <= most
        && text.bytes().all(plain)
}

pub(super) fn params(definition: &Definition) -> Result<(), Wrong> {
    for (name, param) in &definition.params {
        let key = format!("params.{name}");
        refuse(!is_plain(name, 40), &key, || {
            "a parameter's name has lower-case letters, digits and `_` only".into()
        })?;
        if let Some(default) = &param.default {
            bind::read_values(name, param, &default.text())
                .map_err(|reason| Wrong::new(&key, reason))?;
            default_fits(param, default).map_err(|reason| Wrong::new(&key, reason))?;
        }
    }
    Ok(())
}

fn default_fits(param: &Param, default: &ParamDefault) -> Result<(), String> {
    let list = param.kind == ParamKind::List;
    match default {
        ParamDefault::List(_) if !list => {
            Err("a list is the default of `type = \"list\"` only".into())
        }
        ParamDefault::List(values) if values.is_empty() => {
            Err("the list is empty; leave `default` out instead".into())
        }
        _ => Ok(()),
    }
}

pub(super) fn params_exist(
    definition: &Definition,
    key: &str,
    template: &Template,
) -> Result<(), Wrong> {
    for name in template.params() {
        param_exists(definition, key, name)?;
    }
    Ok(())
}

pub(super) fn param_exists(definition: &Definition, key: &str, name: &str) -> Result<(), Wrong> {
    refuse(!definition.params.contains_key(name), key, || {
        let known: Vec<&str> = definition.params.keys().map(String::as_str).collect();
        match known.as_slice() {
            [] => format!("there is no parameter `{name}`; declare it: [params.{name}]"),
            known => format!(
                "there is no parameter `{name}`; there are {}",
                known.join(", ")
            ),
        }
    })
}
