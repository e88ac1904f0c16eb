//! The form of our files: a line of JSON that says what follows and its digest, then bytes.

use std::fmt::Write;

use aws_lc_rs::digest::{Context, SHA256};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::value::RawValue;

use crate::failure::Failure;

/// Goes up when files of before can no longer be read.
pub(crate) const FORMAT: u32 = 1;

#[derive(Serialize, Deserialize)]
struct Head {
    format: u32,
    digest: String,
    /// As it was written: numbers read and written again may differ in their last digit.
    about: Box<RawValue>,
}

#[derive(Deserialize)]
struct FormatOnly {
    format: u32,
}

/// Seals content with what it is.
pub(crate) fn seal(about: &impl Serialize, content: &[u8]) -> Result<Vec<u8>, Failure> {
    let about = serde_json::value::to_raw_value(about).map_err(|error| damaged(&error))?;
    let head = Head {
        format: FORMAT,
        digest: digest_of(&about, content),
        about,
    };
    let mut file = serde_json::to_vec(&head).map_err(|error| damaged(&error))?;
    file.push(b'\n');
    file.extend_from_slice(content);
    Ok(file)
}

/// Opens what was sealed; another format and anything changed are refused.
pub(crate) fn open<T: DeserializeOwned>(file: &[u8]) -> Result<(T, &[u8]), Failure> {
    let end = file.iter().position(|byte| *byte == b'\n');
    let end = end.ok_or_else(|| Failure::Damaged("no first line".into()))?;
    let (head, content) = (&file[..end], &file[end + 1..]);
    let FormatOnly { format } = serde_json::from_slice(head).map_err(|error| damaged(&error))?;
    if format != FORMAT {
        return Err(Failure::OtherFormat {
            found: format,
            expected: FORMAT,
        });
    }
    let head: Head = serde_json::from_slice(head).map_err(|error| damaged(&error))?;
    if digest_of(&head.about, content) != head.digest {
        return Err(Failure::Damaged("the digest is another one".into()));
    }
    let about = serde_json::from_str(head.about.get()).map_err(|error| damaged(&error))?;
    Ok((about, content))
}

/// The digest of anything that can be written as JSON: the same for what is equal.
pub(crate) fn fingerprint(of: &impl Serialize) -> Result<String, Failure> {
    let of = serde_json::value::to_raw_value(of).map_err(|error| damaged(&error))?;
    Ok(digest_of(&of, &[]))
}

fn digest_of(about: &RawValue, content: &[u8]) -> String {
    let mut context = Context::new(&SHA256);
    context.update(about.get().as_bytes());
    context.update(content);
    let mut text = String::new();
    for byte in context.finish().as_ref() {
        // Writing to a string does not fail.
        let _written = write!(text, "{byte:02x}");
    }
    text
}

fn damaged(error: &dyn std::error::Error) -> Failure {
    Failure::Damaged(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_changed_byte_is_noticed() {
        let sealed = seal(&("about", 0.1_f64), b"content").unwrap();
        let opened: ((String, f64), &[u8]) = open(&sealed).unwrap();
        assert_eq!(opened, (("about".into(), 0.1), &b"content"[..]));
        for place in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[place] ^= 1;
            assert!(open::<(String, f64)>(&changed).is_err(), "byte {place}");
        }
        assert!(open::<(String, f64)>(&sealed[..sealed.len() - 1]).is_err());
        assert!(open::<(String, f64)>(b"").is_err());
    }

    #[test]
    fn another_format_is_told_as_such() {
        let other = b"{\"format\":9,\"something\":\"else\"}\nx";
        let refusal = open::<String>(other).unwrap_err();
        assert!(refusal.to_string().contains("format 9"), "{refusal}");
    }
}
