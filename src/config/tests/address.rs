use super::*;

#[test]
fn networks_hold_what_they_should() {
    let rows = [
        ("10.0.0.0/8", "10.255.0.1", true),
        ("10.0.0.0/8", "11.0.0.1", false),
        ("0.0.0.0/0", "203.0.113.9", true),
        ("0.0.0.0/0", "::1", false),
        ("192.0.2.7", "192.0.2.7", true),
        ("192.0.2.7", "192.0.2.8", false),
        ("127.0.0.1", "::ffff:127.0.0.1", true),
        ("fd00::/8", "fdab::1", true),
        ("fd00::/8", "fe80::1", false),
        ("::/0", "2001:db8::1", true),
    ];
    for (network, address, expected) in rows {
        let network: Cidr = network.parse().unwrap();
        assert_eq!(
            network.contains(address.parse().unwrap()),
            expected,
            "{network} {address}"
        );
    }
}

#[test]
fn wrong_networks_are_refused_with_a_hint() {
    for text in [
        "",
        "10.0.0.0/33",
        "10.0.0.0/",
        "ten/8",
        "::/129",
        "10.0.0.0/-1",
    ] {
        assert!(text.parse::<Cidr>().is_err(), "{text}");
    }
    assert_eq!(
        "10.1.2.3/8".parse::<Cidr>().unwrap_err(),
        "`10.1.2.3/8` has bits beyond its prefix: 10.0.0.0/8 may be meant"
    );
}
