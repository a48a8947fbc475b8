use super::*;

#[test]
fn urls() {
    for (url, path) in [
        ("sqlite:data/a.db", "data/a.db"),
        ("sqlite://data/a.db", "data/a.db"),
        ("sqlite:/var/a.db", "/var/a.db"),
        ("sqlite:///var/a.db", "/var/a.db"),
    ] {
        assert!(
            matches!(Target::parse(url), Ok(Target::Sqlite(found)) if found == Path::new(path)),
            "{url}"
        );
    }
    for url in ["postgres://u@h/d", "postgresql:///d"] {
        assert!(
            matches!(Target::parse(url), Ok(Target::Postgres { .. })),
            "{url}"
        );
    }
    for url in [
        "",
        "a.db",
        "mysql://root:secret@h/d",
        "sqlite:",
        "sqlite::memory:",
    ] {
        let Err(StoreError::Query(message)) = Target::parse(url) else {
            panic!("{url} was taken");
        };
        assert!(!message.contains("secret"), "{message}");
    }
}

#[test]
fn a_url_says_itself_how_long_it_waits() {
    assert_eq!(
        with_timeouts("postgres://u@h/d"),
        "postgres://u@h/d?connect_timeout=5&tcp_user_timeout=10000\
         &keepalives=1&keepalives_idle=5&keepalives_interval=2&keepalives_count=3"
    );
    assert_eq!(
        with_timeouts("postgres://u@h/d?connect_timeout=2&keepalives_idle=60"),
        "postgres://u@h/d?connect_timeout=2&keepalives_idle=60&tcp_user_timeout=10000\
         &keepalives=1&keepalives_interval=2&keepalives_count=3"
    );
}

#[test]
fn a_server_that_is_not_there_is_named_in_the_error() {
    let Err(StoreError::Unavailable(message)) = Target::parse("postgres://nobody@127.0.0.1:1/none")
        .unwrap()
        .connect()
    else {
        panic!("connected to port 1");
    };
    assert!(message.contains("127.0.0.1"), "{message}");
}
