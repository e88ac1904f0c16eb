//! The head of a site's answer, as the browser is sent it.

use std::io;

use tokio::{io::AsyncReadExt, net::tcp::OwnedReadHalf};

const LONGEST_HEAD: usize = 64 << 10;
const MOST_HEADERS: usize = 128;

/// Reads up to the end of the head and tells what is to be sent on: the head with the word that the connection ends
/// with this answer, whatever the site says, and what came behind it. Else the browser would send its next request
/// over a line that leads to this site alone.
pub(super) async fn read(site: &mut OwnedReadHalf) -> io::Result<Vec<u8>> {
    let mut told = Vec::new();
    let mut bytes = Vec::with_capacity(4 << 10);
    loop {
        while let Some((is_last, length, head)) = parse(&bytes)? {
            told.extend_from_slice(&head);
            bytes.drain(..length);
            if is_last {
                told.extend_from_slice(&bytes);
                return Ok(told);
            }
        }
        if bytes.len() > LONGEST_HEAD || site.read_buf(&mut bytes).await? == 0 {
            return Err(io::ErrorKind::InvalidData.into());
        }
    }
}

/// A whole head: whether an answer follows it (interim ones are followed by another head), its length, and how it is
/// told.
fn parse(bytes: &[u8]) -> io::Result<Option<(bool, usize, Vec<u8>)>> {
    let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
    let mut head = httparse::Response::new(&mut headers);
    let parsed = head.parse(bytes).map_err(io::Error::other)?;
    let (httparse::Status::Complete(length), Some(status)) = (parsed, head.code) else {
        return Ok(None);
    };
    let is_last = status == 101 || !(100..200).contains(&status);
    let mut told =
        format!("HTTP/1.1 {status} {}\r\n", head.reason.unwrap_or_default()).into_bytes();
    for header in head
        .headers
        .iter()
        .filter(|header| is_passed_on(header.name))
    {
        told.extend_from_slice(header.name.as_bytes());
        told.extend_from_slice(b": ");
        told.extend_from_slice(header.value);
        told.extend_from_slice(b"\r\n");
    }
    if is_last {
        told.extend_from_slice(b"Connection: close\r\n");
    }
    told.extend_from_slice(b"\r\n");
    Ok(Some((is_last, length, told)))
}

fn is_passed_on(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    !name.starts_with("proxy-") && !matches!(&*name, "connection" | "keep-alive")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_the_last_one_of_its_connection() {
        let bytes = b"HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nKeep-Alive: timeout=5\r\nContent-Length: 1\r\n\r\nx";
        let (is_last, length, told) = parse(bytes).unwrap().unwrap();
        assert!(is_last);
        assert_eq!(&bytes[length..], b"x");
        let expected = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: close\r\n\r\n";
        assert_eq!(String::from_utf8(told).unwrap(), expected);
    }

    #[test]
    fn interim_answers_are_followed_by_another_and_nonsense_is_none() {
        let (is_last, _, told) = parse(b"HTTP/1.1 100 Continue\r\n\r\n").unwrap().unwrap();
        assert_eq!(
            (is_last, &*told),
            (false, &b"HTTP/1.1 100 Continue\r\n\r\n"[..])
        );
        assert!(parse(b"HTTP/1.1 200 OK\r\nA: b\r\n").unwrap().is_none());
        assert!(parse(b"SSH-2.0-x\r\n\r\n").is_err());
    }
}
