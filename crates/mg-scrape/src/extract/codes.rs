//! Codes whose digits say whether they are right.

/// An INSEE code of a commune: five characters. A number of four digits lost its leading zero on its way.
pub(crate) fn insee(text: &str) -> Result<String, String> {
    let code = text.trim().to_ascii_uppercase();
    let code = if code.len() == 4 && is_digits(&code) {
        format!("0{code}")
    } else {
        code
    };
    let corsican = code
        .strip_prefix("2A")
        .or_else(|| code.strip_prefix("2B"))
        .is_some_and(|rest| rest.len() == 3 && is_digits(rest));
    if corsican || (code.len() == 5 && is_digits(&code)) {
        Ok(code)
    } else {
        Err(format!(
            "`{text}` is not an INSEE code; one is written 77243, 01004 or 2A004"
        ))
    }
}

/// A SIRET: fourteen digits, the last of which checks the others.
pub(crate) fn siret(text: &str) -> Result<String, String> {
    let code: String = text
        .chars()
        .filter(|letter| !letter.is_whitespace())
        .collect();
    if code.len() != 14 || !is_digits(&code) {
        return Err(format!("`{text}` is not a SIRET: it has fourteen digits"));
    }
    if luhn(&code) || is_post_office(&code) {
        Ok(code)
    } else {
        Err(format!("`{text}` is not a SIRET: its check digit is wrong"))
    }
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

fn luhn(code: &str) -> bool {
    let doubled = |(place, byte): (usize, u8)| {
        let digit = u32::from(byte - b'0');
        match (place % 2, digit * 2) {
            (0, _) => digit,
            (_, twice) if twice > 9 => twice - 9,
            (_, twice) => twice,
        }
    };
    code.bytes()
        .rev()
        .enumerate()
        .map(doubled)
        .sum::<u32>()
        .is_multiple_of(10)
}

/// The establishments of La Poste, too many for the rule: their digits add up to a multiple of five.
fn is_post_office(code: &str) -> bool {
    code.starts_with("356000000")
        && code
            .bytes()
            .map(|byte| u32::from(byte - b'0'))
            .sum::<u32>()
            .is_multiple_of(5)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn insee_codes_keep_their_zero_and_their_letter() {
        assert_eq!(insee("77243"), Ok("77243".into()));
        assert_eq!(insee(" 1004 "), Ok("01004".into()));
        assert_eq!(insee("2a004"), Ok("2A004".into()));
        for text in ["", "7724", "772433", "2C004", "2A04", "Lagny", "77 243"] {
            assert_eq!(insee(text).is_ok(), text == "7724", "{text}");
        }
    }

    #[test]
    fn a_siret_is_checked() {
        assert_eq!(siret("732 829 320 00074"), Ok("73282932000074".into()));
        assert_eq!(siret("35600000049837"), Ok("35600000049837".into()));
        assert!(siret("73282932000075").unwrap_err().contains("check digit"));
        assert!(siret("7328293200007").unwrap_err().contains("fourteen"));
    }
}
