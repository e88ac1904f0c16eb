//! What the browser asks its proxy for.

use std::io;

use tokio::{io::AsyncReadExt, net::TcpStream};
use url::Url;

const LONGEST_HEAD: usize = 64 << 10;
const MOST_HEADERS: usize = 128;

/// The head of a request to a proxy, and what came behind it.
pub(super) struct Request {
    method: String,
    url: Url,
    headers: Vec<(String, Vec<u8>)>,
    rest: Vec<u8>,
}

impl Request {
    /// Reads a head; `None` where it is none, or none that a proxy can serve.
    pub(super) async fn read(client: &mut TcpStream) -> io::Result<Option<Self>> {
        let mut bytes = Vec::with_capacity(2 << 10);
        loop {
            if client.read_buf(&mut bytes).await? == 0 {
                return Ok(None);
            }
            match Self::parse(&bytes) {
                Parsed::Whole(request) => return Ok(Some(*request)),
                Parsed::Part if bytes.len() < LONGEST_HEAD => {}
                Parsed::Part | Parsed::Wrong => return Ok(None),
            }
        }
    }

    fn parse(bytes: &[u8]) -> Parsed {
        let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
        let mut head = httparse::Request::new(&mut headers);
        let length = match head.parse(bytes) {
            Ok(httparse::Status::Complete(length)) => length,
            Ok(httparse::Status::Partial) => return Parsed::Part,
            Err(_) => return Parsed::Wrong,
        };
        let (Some(method), Some(target)) = (head.method, head.path) else {
            return Parsed::Wrong;
        };
        let Some(url) = target_of(method, target) else {
            return Parsed::Wrong;
        };
        let headers = head.headers.iter();
        Parsed::Whole(Box::new(Self {
            method: method.to_owned(),
            url,
            headers: headers
                .map(|header| (header.name.to_owned(), header.value.to_owned()))
                .collect(),
            rest: bytes[length..].to_owned(),
        }))
    }

    /// Where it leads; the scheme of a tunnel is guessed from its port.
    pub(super) fn url(&self) -> &Url {
        &self.url
    }

    pub(super) fn is_tunnel(&self) -> bool {
        self.method == "CONNECT"
    }

    /// How many bytes of its body are still to come; `None` where it does not say.
    pub(super) fn body_to_come(&self) -> Option<u64> {
        let value = |wanted: &str| {
            let mut headers = self.headers.iter();
            headers
                .find(|(name, _)| name.eq_ignore_ascii_case(wanted))
                .map(|(_, value)| value)
        };
        if value("transfer-encoding").is_some() {
            return None;
        }
        let length = value("content-length").map_or(Some(0), |value| {
            std::str::from_utf8(value).ok()?.trim().parse::<u64>().ok()
        });
        length?.checked_sub(self.rest.len() as u64)
    }

    /// What came behind the head.
    pub(super) fn rest(&self) -> &[u8] {
        &self.rest
    }

    /// The head as the site is sent it, the connection closed after it; `None` for a tunnel.
    pub(super) fn head(&self) -> Option<Vec<u8>> {
        if self.is_tunnel() {
            return None;
        }
        let authority = &self.url[url::Position::BeforeHost..url::Position::AfterPort];
        let path = &self.url[url::Position::BeforePath..url::Position::AfterQuery];
        let line = format!(
            "{} {path} HTTP/1.1\r\nHost: {authority}\r\nConnection: close\r\n",
            self.method
        );
        let mut head = line.into_bytes();
        for (name, value) in self.headers.iter().filter(|(name, _)| is_passed_on(name)) {
            head.extend_from_slice(name.as_bytes());
            head.extend_from_slice(b": ");
            head.extend_from_slice(value);
            head.extend_from_slice(b"\r\n");
        }
        head.extend_from_slice(b"\r\n");
        Some(head)
    }
}

enum Parsed {
    Whole(Box<Request>),
    Part,
    Wrong,
}

/// `host:port` of a tunnel, or an address whole; an address of any other scheme is left to the guard.
fn target_of(method: &str, target: &str) -> Option<Url> {
    if method == "CONNECT" {
        // Which scheme is spoken inside is not told; each has its port.
        let scheme = if target.ends_with(":80") {
            "http"
        } else {
            "https"
        };
        let url = Url::parse(&format!("{scheme}://{target}/")).ok()?;
        let plain = url.path() == "/" && url.query().is_none() && url.username().is_empty();
        return plain.then_some(url);
    }
    Url::parse(target).ok().filter(Url::has_host)
}

/// The host is written anew, as it was judged; the rest is between the browser and its proxy.
fn is_passed_on(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    !name.starts_with("proxy-") && !matches!(&*name, "connection" | "host" | "keep-alive")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Option<Request> {
        match Request::parse(text.as_bytes()) {
            Parsed::Whole(request) => Some(*request),
            Parsed::Part | Parsed::Wrong => None,
        }
    }

    #[test]
    fn a_request_is_sent_on_for_one_turn_to_the_host_that_was_judged() {
        let request = parsed(
            "POST http://a.fr:8080/b?c=d HTTP/1.1\r\nHost: other.fr\r\nProxy-Connection: keep-alive\r\n\
             Connection: keep-alive\r\nContent-Length: 2\r\n\r\nxy",
        );
        let request = request.unwrap();
        assert_eq!(request.url().as_str(), "http://a.fr:8080/b?c=d");
        let head = String::from_utf8(request.head().unwrap()).unwrap();
        let expected = "POST /b?c=d HTTP/1.1\r\nHost: a.fr:8080\r\nConnection: close\r\nContent-Length: 2\r\n\r\n";
        assert_eq!(head, expected);
        assert_eq!(request.rest(), b"xy");
        assert_eq!(request.body_to_come(), Some(0));
    }

    #[test]
    fn a_body_has_the_length_that_its_head_tells() {
        let to_come = |text: &str| parsed(text).unwrap().body_to_come();
        let post = |more: &str| to_come(&format!("POST http://a.fr/ HTTP/1.1\r\n{more}"));
        assert_eq!(post("\r\n"), Some(0));
        assert_eq!(post("content-length: 5\r\n\r\nab"), Some(3));
        // A second request behind the first, and bodies whose end only their reader knows.
        assert_eq!(post("Content-Length: 1\r\n\r\nabc"), None);
        assert_eq!(post("Transfer-Encoding: chunked\r\n\r\n"), None);
        assert_eq!(post("Content-Length: x\r\n\r\n"), None);
    }

    #[test]
    fn a_tunnel_is_named_as_it_will_be_dialled() {
        for (target, url) in [
            ("a.fr:443", "https://a.fr/"),
            ("2130706433:80", "http://127.0.0.1/"),
            ("[::ffff:127.0.0.1]:443", "https://[::ffff:7f00:1]/"),
        ] {
            let request = parsed(&format!("CONNECT {target} HTTP/1.1\r\n\r\n")).unwrap();
            assert_eq!(request.url().as_str(), url);
            assert!(request.is_tunnel() && request.head().is_none());
        }
    }

    #[test]
    fn what_no_proxy_can_serve_is_refused() {
        for text in [
            "GET / HTTP/1.1\r\n\r\n",
            "CONNECT a.fr/b:443 HTTP/1.1\r\n\r\n",
            "CONNECT user@a.fr:443 HTTP/1.1\r\n\r\n",
            "GET data:text/html,x HTTP/1.1\r\n\r\n",
            "nonsense\r\n\r\n",
        ] {
            assert!(parsed(text).is_none(), "{text}");
        }
    }
}
