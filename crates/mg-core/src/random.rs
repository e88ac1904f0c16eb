//! Identifiers that cannot be guessed.

use aws_lc_rs::rand;

/// 128 random bits as 32 hexadecimal digits.
///
/// # Errors
///
/// When the system has no randomness to give.
pub fn random_id() -> Result<String, std::io::Error> {
    let mut bytes = [0_u8; 16];
    rand::fill(&mut bytes)
        .map_err(|_| std::io::Error::other("the system has no randomness to give"))?;
    Ok(format!("{:032x}", u128::from_be_bytes(bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_identifiers_differ_and_have_one_length() {
        let (one, two) = (random_id().unwrap(), random_id().unwrap());
        assert_ne!(one, two);
        assert!(one.len() == 32 && one.chars().all(|digit| digit.is_ascii_hexdigit()));
    }
}
