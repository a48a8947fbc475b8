use secrecy::ExposeSecret;

use super::*;

fn nats(text: &str) -> NatsAddress {
    match BusKind::read(text) {
        Ok(BusKind::Nats(address)) => address,
        other => panic!("{text}: {other:?}"),
    }
}

fn user(text: &str) -> (String, String) {
    match nats(text).user() {
        NatsUser::Nobody => (String::new(), String::new()),
        NatsUser::Token(token) => ("token".to_owned(), token.expose_secret().to_owned()),
        NatsUser::Password(name, password) => (name, password.expose_secret().to_owned()),
    }
}

#[test]
fn each_bus_is_read_and_written() {
    for text in [
        "postgres",
        "none",
        "nats://127.0.0.1:4222",
        "tls://a.example,tls://b.example:4333",
        "nats://ada:p%40ss@[::1]:4222",
    ] {
        assert_eq!(BusKind::read(text).unwrap().written(), text);
    }
}

#[test]
fn servers_are_named_without_their_users() {
    let address = nats("tls://ada:secret@a.example, tls://ada:secret@[::1]:4333/");
    assert_eq!(address.servers(), ["tls://a.example", "tls://[::1]:4333"]);
    assert!(address.is_encrypted() && !address.is_here());
    assert!(nats("nats://localhost,nats://[::1]:1,nats://127.0.0.1").is_here());
    assert!(!nats("nats://localhost").is_encrypted());
}

#[test]
fn users_are_what_the_address_stands_for() {
    let of = |name: &str, secret: &str| (name.to_owned(), secret.to_owned());
    assert_eq!(user("nats://h"), of("", ""));
    assert_eq!(user("nats://s3cr%2Ft@h"), of("token", "s3cr/t"));
    assert_eq!(user("nats://ada:a+b%20c&d=e@h"), of("ada", "a+b c&d=e"));
}

#[test]
fn nothing_secret_is_shown() {
    for (text, shown) in [
        ("nats://ada:secret@h:1", "nats://ada:***@h:1"),
        (
            "nats://secret@h:1,nats://secret@g",
            "nats://***@h:1,nats://***@g",
        ),
        ("tls://ada:se@cret@h", "tls://ada:***@h"),
    ] {
        let bus = BusKind::read(text).unwrap();
        assert_eq!(bus.masked().written(), shown);
        assert_eq!(format!("{bus:?}"), format!("Nats({shown})"));
    }
}

#[test]
fn what_is_no_address_is_refused_without_its_password() {
    for text in [
        "radio",
        "http://ada:secret@h",
        "nats://ada:secret@",
        "nats://ada:secret@h/path",
        "nats://ada:secret@h?x=1",
        "nats://ada:secret@h,radio",
        "nats://ada:secret@h,nats://h",
        "nats://h,tls://h",
        "nats://ada:***@h",
        "",
    ] {
        let why = BusKind::read(text).unwrap_err();
        assert!(!why.contains("secret"), "{why}");
    }
}
