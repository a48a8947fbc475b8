use super::*;
use crate::config::Sources;
use crate::store::testing::broken_journal;

#[actix::test]
async fn a_process_whose_writer_has_ended_ends_and_says_so() {
    let home = tempfile::tempdir().unwrap();
    let flags = [
        ("data_dir", home.path().to_str().unwrap()),
        ("server.bind", "127.0.0.1:0"),
        ("telemetry.prometheus_bind", ""),
    ];
    let sources = Sources {
        flags: flags
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .into(),
        ..Sources::default()
    };
    let config = Arc::new(Config::load(&sources).unwrap());
    let mut running = start(config).await.unwrap();
    running.journal = broken_journal();
    let (_stop, stopped) = mpsc::channel(1);
    let end = tokio::time::timeout(Duration::from_secs(20), running.until(stopped));
    let error = end.await.expect("it hangs").unwrap_err();
    assert!(error.to_string().contains("event log"), "{error}");
}

/// Whoever ends a connection keeps its port for a while.
#[test]
fn the_port_that_a_process_was_given_can_be_named_to_the_next_one() {
    let (socket, address) = reserve(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
    socket.listen(1).unwrap();
    let mut client = std::net::TcpStream::connect(address).unwrap();
    let (connection, _) = socket.accept().unwrap();
    drop(connection);
    assert_eq!(std::io::Read::read(&mut client, &mut [0]).unwrap(), 0);
    drop((client, socket));
    let (_, again) = reserve(address).unwrap();
    assert_eq!(again, address);
}
