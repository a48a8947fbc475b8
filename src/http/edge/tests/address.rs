use super::*;

#[test]
fn only_configured_proxies_are_believed() {
    let trusted: Vec<Cidr> = ["10.0.0.0/8", "127.0.0.1/32"]
        .map(|text| text.parse().unwrap())
        .into();
    let client =
        |peer: &str, chain: &[&str]| resolve(peer.parse().unwrap(), chain, &trusted).to_string();
    assert_eq!(client("203.0.113.9", &["198.51.100.1"]), "203.0.113.9");
    assert_eq!(client("127.0.0.1", &["198.51.100.1"]), "198.51.100.1");
    assert_eq!(
        client("127.0.0.1", &["1.2.3.4", " 198.51.100.1", "10.1.1.1 "]),
        "198.51.100.1"
    );
    assert_eq!(client("127.0.0.1", &["spoofed"]), "127.0.0.1");
    assert_eq!(client("127.0.0.1", &[]), "127.0.0.1");
}

#[test]
fn a_client_is_its_network() {
    let network = |text: &str| network(text.parse().unwrap()).to_string();
    assert_eq!(network("192.0.2.7"), "192.0.2.7");
    assert_eq!(network("::ffff:192.0.2.7"), "192.0.2.7");
    assert_eq!(network("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
}
