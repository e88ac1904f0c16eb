//! What a client asks for.

use std::{
    io::{BufRead, BufReader},
    net::TcpStream,
};

/// A GET request.
#[derive(Debug)]
pub(super) struct Request {
    /// Path and query as they came.
    pub(super) target: String,
    pub(super) path: String,
    query: Vec<(String, String)>,
}

impl Request {
    /// Reads the head; `None` when it is none.
    pub(super) fn read(connection: &TcpStream) -> Option<Self> {
        let mut lines = BufReader::new(connection).lines();
        let first = lines.next()?.ok()?;
        let target = first.split(' ').nth(1)?.to_owned();
        for line in lines {
            if line.ok()?.is_empty() {
                break;
            }
        }
        let (path, query) = target.split_once('?').unwrap_or((&target, ""));
        let pair = |pair: &str| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decoded(name), decoded(value))
        };
        Some(Self {
            path: path.to_owned(),
            query: query
                .split('&')
                .filter(|pair| !pair.is_empty())
                .map(pair)
                .collect(),
            target,
        })
    }

    /// A parameter.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.query
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// Every parameter.
    pub(super) fn pairs(&self) -> &[(String, String)] {
        &self.query
    }
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'%' => {
                let digits =
                    [rest.next(), rest.next()].map(|digit| char::from(digit.unwrap_or(b'0')));
                let digits: String = digits.iter().collect();
                bytes.push(u8::from_str_radix(&digits, 16).unwrap_or(b'?'));
            }
            b'+' => bytes.push(b' '),
            other => bytes.push(other),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
