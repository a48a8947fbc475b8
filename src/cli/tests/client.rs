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
