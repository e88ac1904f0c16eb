//! Bytes of a file into UTF-8 as they come.

use std::io::{self, Read};

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Decoder, Encoding, UTF_8};

/// Bytes read at once.
const PIECE: usize = 64 << 10;

/// The encoding of a file: the one its rule names, else its byte order mark, UTF-8 where all of it is, else what a
/// detector finds that is told the text is French. Reads the file to its end.
pub(super) fn of(mut file: impl Read, told: &str) -> Result<&'static Encoding, String> {
    if told != "auto" {
        return Encoding::for_label(told.as_bytes())
            .ok_or_else(|| format!("`{told}` is no encoding"));
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    let mut utf8 = UTF_8.new_decoder_without_bom_handling();
    let mut scratch = vec![0_u8; PIECE * 3 + 16];
    let (mut is_utf8, mut is_first) = (true, true);
    let mut piece = vec![0_u8; PIECE];
    loop {
        let length = file
            .read(&mut piece)
            .map_err(|error| super::unreadable(&error))?;
        let bytes = piece.get(..length).unwrap_or_default();
        if is_first && let Some((encoding, _)) = Encoding::for_bom(bytes) {
            return Ok(encoding);
        }
        is_first = false;
        if is_utf8 {
            let (_, _, _, malformed) = utf8.decode_to_utf8(bytes, &mut scratch, length == 0);
            is_utf8 = !malformed;
        }
        detector.feed(bytes, length == 0);
        if length == 0 {
            break;
        }
    }
    Ok(if is_utf8 {
        UTF_8
    } else {
        detector.guess(Some(b"fr"), Utf8Detection::Deny)
    })
}

/// The text of a file in UTF-8, without its byte order mark.
pub(super) struct Decoding<R> {
    file: R,
    decoder: Decoder,
    bytes: Vec<u8>,
    text: Vec<u8>,
    /// What of `text` is not read yet.
    from: usize,
    until: usize,
    is_over: bool,
}

impl<R: Read> Decoding<R> {
    pub(super) fn new(file: R, encoding: &'static Encoding) -> Self {
        Self {
            file,
            decoder: encoding.new_decoder_with_bom_removal(),
            bytes: vec![0; PIECE],
            // A byte becomes three at most.
            text: vec![0; PIECE * 3 + 16],
            from: 0,
            until: 0,
            is_over: false,
        }
    }

    /// Decodes the next piece of the file.
    fn fill(&mut self) -> io::Result<()> {
        let length = self.file.read(&mut self.bytes)?;
        self.is_over = length == 0;
        let bytes = self.bytes.get(..length).unwrap_or_default();
        let (_, _, written, _) = self
            .decoder
            .decode_to_utf8(bytes, &mut self.text, self.is_over);
        (self.from, self.until) = (0, written);
        Ok(())
    }
}

impl<R: Read> Read for Decoding<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.from == self.until && !self.is_over {
            self.fill()?;
        }
        let mut text = self.text.get(self.from..self.until).unwrap_or_default();
        let length = text.read(out)?;
        self.from += length;
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8], told: &str) -> String {
        let encoding = of(bytes, told).unwrap();
        let mut text = String::new();
        Decoding::new(bytes, encoding)
            .read_to_string(&mut text)
            .unwrap();
        text
    }

    #[test]
    fn every_encoding_of_french_files_is_read() {
        let text = "CODGEO;LIBGEO\n77307;Montévrain\n77464;Thorigny — œuvre\n";
        let (windows, _, _) = encoding_rs::WINDOWS_1252.encode(text);
        assert_eq!(read(&windows, "auto"), text);
        assert_eq!(read(text.as_bytes(), "auto"), text);
        assert_eq!(read(format!("\u{feff}{text}").as_bytes(), "auto"), text);
        let (latin, _, _) = encoding_rs::WINDOWS_1252.encode("Montévrain");
        assert_eq!(read(&latin, "iso-8859-1"), "Montévrain");
    }

    #[test]
    fn a_letter_across_two_pieces_is_one() {
        let text = "é".repeat(PIECE);
        assert_eq!(read(text.as_bytes(), "auto"), text);
        let late = format!("{}{}", "a".repeat(3 * PIECE), "été");
        let (bytes, _, _) = encoding_rs::WINDOWS_1252.encode(&late);
        assert_eq!(read(&bytes, "auto"), late);
    }

    #[test]
    fn an_encoding_that_is_none_is_told() {
        assert!(of(&b""[..], "utf-9").unwrap_err().contains("utf-9"));
    }
}
