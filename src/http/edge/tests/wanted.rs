use std::sync::Arc;

use actix_web::middleware::from_fn;
use actix_web::{App, HttpResponse, HttpServer, web};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::time::timeout;

use super::*;
use crate::socket::Sockets;
use crate::telemetry::metrics::Metrics;

/// No wait of a test is longer.
const PATIENCE: Duration = Duration::from_secs(20);

const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: it\r\n\r\n";

#[derive(Default)]
struct Signs {
    began: Notify,
    dropped: Notify,
    go_on: Notify,
}

struct Dropped(Arc<Signs>);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.dropped.notify_one();
    }
}

async fn work(signs: web::Data<Signs>) -> HttpResponse {
    let _dropped = Dropped(signs.clone().into_inner());
    signs.began.notify_one();
    signs.go_on.notified().await;
    HttpResponse::Ok().body("done")
}

async fn soon<T>(what: impl Future<Output = T>) -> T {
    timeout(PATIENCE, what)
        .await
        .expect("it did not come in time")
}

#[actix_web::test]
async fn work_ends_with_its_client_and_goes_on_for_one_who_waits() {
    let signs = Arc::new(Signs::default());
    let data = web::Data::from(Arc::clone(&signs));
    let sockets = Sockets::new(Metrics::new().unwrap().evictions.clone());
    let server = HttpServer::new(move || {
        App::new()
            .wrap(from_fn(while_wanted))
            .app_data(data.clone())
            .route("/", web::get().to(work))
    })
    .on_connect(move |io, extensions| sockets.prepare(io, extensions))
    .workers(1)
    .disable_signals()
    .bind(("127.0.0.1", 0))
    .unwrap();
    let address = server.addrs()[0];
    let server = server.run();
    let handle = server.handle();
    actix_web::rt::spawn(server);

    let mut goes = TcpStream::connect(address).await.unwrap();
    goes.write_all(REQUEST).await.unwrap();
    soon(signs.began.notified()).await;
    // Nothing is left unread, so that the server learns of it by an end, not by a reset.
    drop(goes);
    soon(signs.dropped.notified()).await;

    let mut waits = TcpStream::connect(address).await.unwrap();
    waits.write_all(REQUEST).await.unwrap();
    soon(signs.began.notified()).await;
    tokio::time::sleep(4 * CHECK_INTERVAL).await;
    signs.go_on.notify_one();
    let mut answer = vec![0; 1024];
    let length = soon(waits.read(&mut answer)).await.unwrap();
    assert!(answer[..length].starts_with(b"HTTP/1.1 200 OK"));
    handle.stop(false).await;
}
