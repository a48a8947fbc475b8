use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_tungstenite::accept_hdr_async;
use tokio_tungstenite::tungstenite::handshake::server::{Request, Response};

use super::*;

#[tokio::test]
async fn what_is_no_event_is_passed_over() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let serving = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        #[expect(clippy::result_large_err, reason = "the library's own type")]
        let accept = |request: &Request, mut response: Response| {
            let asked = request.headers()["sec-websocket-protocol"].clone();
            response
                .headers_mut()
                .insert("sec-websocket-protocol", asked);
            Ok(response)
        };
        let mut stream = accept_hdr_async(stream, accept).await.unwrap();
        for text in [
            r#"{"type":"welcome"}"#,
            r#"{"type":"heartbeat","data":{}}"#,
            r#"{"type":"evaluation_progress","seq":1}"#,
            r#"{"type":"session_joined"}"#,
            r#"{"type":"heartbeat","data":{}}"#,
            r#"{"type":"judge_result","seq":2}"#,
        ] {
            stream.send(Message::text(text)).await.unwrap();
        }
        while let Some(Ok(_)) = stream.next().await {}
    });
    let mut socket = Socket::connect(&address, "token").await.unwrap();
    let joined = socket.expect("session_joined").await.unwrap();
    assert_eq!(joined["type"], "session_joined");
    for seq in 1..=2 {
        let event: Value = serde_json::from_str(&socket.next().await.unwrap()).unwrap();
        assert_eq!(event["seq"], seq);
    }
    socket.close().await.unwrap();
    serving.await.unwrap();
}

/// Answers one connection after the other with these bytes, and returns how many came.
async fn answers(listener: TcpListener, answers: &[&str]) -> usize {
    let mut came = 0;
    for answer in answers {
        let (mut stream, _) = listener.accept().await.unwrap();
        came += 1;
        let mut request = Vec::new();
        while !request.windows(4).any(|end| end == b"\r\n\r\n") {
            let mut piece = [0; 1024];
            let read = stream.read(&mut piece).await.unwrap();
            assert!(read > 0, "the request broke off");
            request.extend_from_slice(&piece[..read]);
        }
        stream.write_all(answer.as_bytes()).await.unwrap();
        stream.shutdown().await.unwrap();
    }
    came
}

#[tokio::test]
async fn a_server_that_restarts_is_asked_again() {
    let whole = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n[]";
    for away in [
        "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nRetry-After: 0\r\nConnection: close\r\n\r\n",
        "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nRetry-After: 0\r\nConnection: close\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n[",
        "",
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let remote = Remote::new(&url, "ja_key".to_owned().into()).unwrap();
        let said = [away, whole];
        let (came, answered) =
            tokio::join!(answers(listener, &said), remote.get::<Vec<u8>>("/judges"));
        assert_eq!((came, answered.unwrap()), (2, Vec::new()), "{away}");
    }
}

#[tokio::test]
async fn what_would_be_refused_again_is_asked_once() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let remote = Remote::new(&url, "ja_key".to_owned().into()).unwrap();
    let refusal = "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    let said = [refusal];
    let (came, answered) = tokio::join!(answers(listener, &said), remote.get::<Vec<u8>>("/judges"));
    let why = answered.unwrap_err().to_string();
    assert_eq!(came, 1);
    assert!(why.starts_with("/judges: the server answered 401"), "{why}");
}
