use std::net::TcpListener;
use std::sync::{Arc, Mutex, mpsc};

use actix::Arbiter;

use super::*;
use crate::app;
use crate::config::{Config, Sources};

/// No wait of a test is longer.
const PATIENCE: Duration = Duration::from_secs(20);
const LIMIT: Duration = Duration::from_secs(1);

fn config(home: &tempfile::TempDir) -> Arc<Config> {
    let sources = Sources {
        flags: [
            ("data_dir", home.path().to_str().unwrap()),
            ("server.bind", "127.0.0.1:0"),
            ("telemetry.prometheus_bind", ""),
        ]
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .into(),
        ..Sources::default()
    };
    Arc::new(Config::load(&sources).unwrap())
}

/// A registry whose thread can be made to hang without stopping the test.
async fn registry_on(thread: &Arbiter, config: Arc<Config>) -> Addr<Registry> {
    let (made, registry) = tokio::sync::oneshot::channel();
    thread.spawn_fn(move || {
        actix_web::rt::spawn(async move {
            let service = app::assemble(config).await.unwrap();
            made.send(service.registry.clone()).ok().unwrap();
        });
    });
    registry.await.unwrap()
}

/// How many signs are given until `until` is over.
async fn signs(watchdog: &Watchdog, until: impl Future) -> usize {
    let signs = Mutex::new(0);
    tokio::select! {
        () = watchdog.feed(LIMIT, |_| *signs.lock().unwrap() += 1) => panic!("it ended"),
        _ = until => {}
    }
    signs.into_inner().unwrap()
}

/// Three times as long as a manager would have waited.
fn too_long() -> impl Future {
    tokio::time::sleep(3 * LIMIT)
}

async fn a_sign(watchdog: &Watchdog) {
    let told = tokio::sync::Notify::new();
    tokio::select! {
        () = watchdog.feed(LIMIT, |_| told.notify_one()) => panic!("it ended"),
        () = told.notified() => {}
        () = tokio::time::sleep(PATIENCE) => panic!("no sign of life"),
    }
}

#[actix::test]
async fn a_registry_that_hangs_gives_no_sign_until_it_goes_on() {
    let home = tempfile::tempdir().unwrap();
    let running = app::start(config(&home)).await.unwrap();
    let mut watchdog = running.watchdog();
    let (_stop, stopped) = tokio::sync::mpsc::channel(1);
    actix_web::rt::spawn(running.until(stopped));
    a_sign(&watchdog).await;

    let (thread, elsewhere) = (Arbiter::new(), tempfile::tempdir().unwrap());
    watchdog.registry = registry_on(&thread, config(&elsewhere)).await;
    a_sign(&watchdog).await;
    let (go_on, hang) = mpsc::channel::<()>();
    thread.spawn_fn(move || {
        // Until the other end is dropped.
        let _ = hang.recv();
    });
    assert_eq!(signs(&watchdog, too_long()).await, 0, "it hangs");
    drop(go_on);
    a_sign(&watchdog).await;
    thread.stop();
    thread.join().unwrap();
    assert_eq!(signs(&watchdog, too_long()).await, 0, "it is gone");
}

#[actix::test]
async fn doors_that_nobody_opens_give_no_sign() {
    let home = tempfile::tempdir().unwrap();
    let mut watchdog = app::start(config(&home)).await.unwrap().watchdog();
    // The kernel takes connections for it, and nobody reads them.
    let hangs = TcpListener::bind("127.0.0.1:0").unwrap();
    watchdog.address = hangs.local_addr().unwrap();
    assert_eq!(signs(&watchdog, too_long()).await, 0, "nobody answers");
    drop(hangs);
    assert_eq!(signs(&watchdog, too_long()).await, 0, "nobody listens");
}

/// Doors that answer every request but the second, which they leave open or slam.
async fn doors_with_a_hiccup(slam: bool) -> SocketAddr {
    let doors = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = doors.local_addr().unwrap();
    actix_web::rt::spawn(async move {
        let mut left_open = Vec::new();
        for visit in 1.. {
            let (mut visitor, _) = doors.accept().await.unwrap();
            if visit != 2 {
                visitor.write_all(ANSWER).await.unwrap();
            } else if !slam {
                left_open.push(visitor);
            }
        }
    });
    address
}

#[actix::test]
async fn after_a_hiccup_the_next_sign_is_in_time() {
    // Long enough for what is tested to differ by more than a busy machine is late.
    const LIMIT: Duration = Duration::from_secs(4);
    let home = tempfile::tempdir().unwrap();
    let mut watchdog = app::start(config(&home)).await.unwrap().watchdog();
    for slam in [false, true] {
        watchdog.address = doors_with_a_hiccup(slam).await;
        let signs = Mutex::new(Vec::new());
        let told = tokio::sync::Notify::new();
        let sign = |_: &str| {
            let mut signs = signs.lock().unwrap();
            signs.push(Instant::now());
            if signs.len() == 2 {
                told.notify_one();
            }
        };
        tokio::select! {
            () = watchdog.feed(LIMIT, sign) => panic!("it ended"),
            () = told.notified() => {}
            () = tokio::time::sleep(PATIENCE) => panic!("no second sign"),
        }
        let signs = signs.into_inner().unwrap();
        let apart = signs[1] - signs[0];
        assert!(apart > LIMIT / 2, "there was no hiccup: {apart:?}");
        assert!(apart < LIMIT - LIMIT / 16, "{apart:?}, slam: {slam}");
    }
}
