use std::sync::Arc;

use tokio::io::AsyncReadExt;

use super::*;

/// A site that answers each connection once, with what it was sent.
async fn echo() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut bytes = vec![0; 4096];
                let length = stream.read(&mut bytes).await.unwrap();
                stream.write_all(&bytes[..length]).await.unwrap();
            });
        }
    });
    address
}

fn guard(hosts: &[&str], allow_private: bool) -> Guard {
    Guard::new(
        hosts.iter().map(|host| host.parse().unwrap()),
        allow_private,
    )
}

/// What the proxy answers to these bytes.
async fn ask(proxy: &Proxy, text: &str) -> String {
    let mut stream = TcpStream::connect(proxy.address()).await.unwrap();
    stream.write_all(text.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    // A refusal may reset what was not read.
    let _reset = stream.read_to_end(&mut answer).await;
    String::from_utf8(answer).unwrap()
}

/// A site that keeps its connections open, whatever it is told, and answers each request with what it was sent.
async fn talkative() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut bytes = vec![0; 4096];
                while let Ok(length @ 1..) = stream.read(&mut bytes).await {
                    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n");
                    stream.write_all(head.as_bytes()).await.unwrap();
                    stream.write_all(&bytes[..length]).await.unwrap();
                }
            });
        }
    });
    address
}

#[tokio::test]
async fn one_request_is_carried_a_connection_also_where_the_site_would_take_more() {
    let site = talkative().await;
    let proxy = Proxy::start(guard(&[&site.to_string()], true))
        .await
        .unwrap();
    let request = format!("GET http://{site}/a HTTP/1.1\r\nHost: elsewhere\r\n\r\n");
    let sent = format!("GET /a HTTP/1.1\r\nHost: {site}\r\nConnection: close\r\n\r\n");
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        sent.len()
    );
    let expected = head + &sent;

    let mut stream = TcpStream::connect(proxy.address()).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = vec![0; expected.len()];
    stream.read_exact(&mut answer).await.unwrap();
    assert_eq!(String::from_utf8(answer).unwrap(), expected);
    // A second request ends the connection instead of reaching the site.
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut more = Vec::new();
    let _reset = stream.read_to_end(&mut more).await;
    assert_eq!(more, b"");
    assert_eq!((proxy.tally().admitted(), proxy.tally().refused()), (1, 0));
}

#[tokio::test]
async fn a_tunnel_is_told_that_it_stands_and_then_left_alone() {
    let site = echo().await;
    let proxy = Proxy::start(guard(&[&site.to_string()], true))
        .await
        .unwrap();
    let answer = ask(&proxy, &format!("CONNECT {site} HTTP/1.1\r\n\r\nhello")).await;
    assert_eq!(answer, "HTTP/1.1 200 Connection established\r\n\r\nhello");
}

#[tokio::test]
async fn other_hosts_other_ports_and_addresses_that_are_not_public_are_refused_and_counted() {
    let site = echo().await;
    let site = site.to_string();
    let closed = Proxy::start(guard(&[&site, "a.fr"], false)).await.unwrap();
    for target in [&*site, "b.fr:443", "a.fr:22"] {
        let answer = ask(&closed, &format!("CONNECT {target} HTTP/1.1\r\n\r\n")).await;
        assert!(answer.starts_with("HTTP/1.1 403 "), "{target}: {answer}");
    }
    assert_eq!(
        (closed.tally().admitted(), closed.tally().refused()),
        (0, 3)
    );
    let hosts = closed.tally().refused_hosts();
    assert!(hosts.contains(&("a.fr:22".to_owned(), 1)), "{hosts:?}");
}

#[tokio::test]
async fn a_name_is_judged_by_where_it_leads_and_dialled_there() {
    let site = echo().await;
    let name = format!("intranet.fr:{}", site.port());
    let at = |address: &'static str| {
        guard(&[&name], true).with_lookup(Arc::new(move |_| {
            Box::pin(async move { Ok(vec![address.parse().unwrap()]) })
        }))
    };
    let request = format!("CONNECT {name} HTTP/1.1\r\n\r\nhello");
    let here = Proxy::start(at("127.0.0.1")).await.unwrap();
    assert!(ask(&here, &request).await.ends_with("hello"));
    let metadata = Proxy::start(at("169.254.169.254")).await.unwrap();
    assert!(ask(&metadata, &request).await.starts_with("HTTP/1.1 403 "));
}

#[tokio::test]
async fn nonsense_is_a_bad_request_and_nobody_there_a_bad_gateway() {
    let proxy = Proxy::start(guard(&["127.0.0.1:1"], true)).await.unwrap();
    let answer = ask(&proxy, "GET /only/a/path HTTP/1.1\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    let answer = ask(&proxy, "CONNECT 127.0.0.1:1 HTTP/1.1\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 502 "), "{answer}");
    let endless = format!("GET http://a.fr/ HTTP/1.1\r\nA: {}", "a".repeat(1 << 20));
    let answer = ask(&proxy, &endless).await;
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
}

#[tokio::test]
async fn connections_end_with_the_proxy() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let site = listener.local_addr().unwrap();
    let proxy = Proxy::start(guard(&[&site.to_string()], true))
        .await
        .unwrap();
    let mut client = TcpStream::connect(proxy.address()).await.unwrap();
    let request = format!("CONNECT {site} HTTP/1.1\r\n\r\n");
    client.write_all(request.as_bytes()).await.unwrap();
    let (mut silent, _) = listener.accept().await.unwrap();
    drop(proxy);
    let mut rest = Vec::new();
    assert_eq!(silent.read_to_end(&mut rest).await.unwrap(), 0);
}
