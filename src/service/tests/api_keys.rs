use super::*;
use crate::domain::credential::Scope;

fn key(addresses: &[&str]) -> ApiKey {
    ApiKey {
        id: new_id(),
        name: "robot".to_owned(),
        prefix: "ja_4fQ7x".to_owned(),
        scopes: vec![Scope::Read],
        addresses: addresses.iter().map(|text| (*text).to_owned()).collect(),
        created_at: Utc::now(),
        expires_at: None,
        last_used_at: None,
        revoked_at: None,
        budget: DayBudget::default(),
        per_minute: None,
    }
}

#[test]
fn a_key_comes_from_its_networks_only() {
    let anywhere = ["192.0.2.7", "2001:db8::1"];
    let cases: [(&[&str], &[&str], &[&str]); 4] = [
        (&[], &anywhere, &[]),
        (
            &["192.0.2.0/24", "198.51.100.7/32"],
            &["192.0.2.7", "198.51.100.7", "::ffff:192.0.2.7"],
            &["192.0.3.1", "198.51.100.8", "2001:db8::1"],
        ),
        // The very address, and not the network that limits go by.
        (&["2001:db8::1/128"], &["2001:db8::1"], &["2001:db8::2"]),
        // What can't be read lets nobody in.
        (&["nonsense"], &[], &anywhere),
    ];
    for (networks, inside, outside) in cases {
        let key = key(networks);
        for (addresses, allowed) in [(inside, true), (outside, false)] {
            for address in addresses {
                let from = address.parse().unwrap();
                assert_eq!(
                    is_allowed_from(&key, from),
                    allowed,
                    "{networks:?} {address}"
                );
            }
        }
    }
}

#[test]
fn what_is_no_network_is_named_by_its_place() {
    let mut faults = Vec::new();
    let long = "x".repeat(100_000);
    let given = [
        "10.0.0.0/8".to_owned(),
        "10.0.0.1/8".to_owned(),
        long,
        "192.0.2.7".to_owned(),
    ];
    let kept = networks(&given, &mut faults);
    assert_eq!(kept, ["10.0.0.0/8", "192.0.2.7/32"]);
    let pointers: Vec<&str> = faults.iter().map(|fault| fault.pointer.as_str()).collect();
    assert_eq!(pointers, ["/addresses/1", "/addresses/2"]);
    assert!(faults.iter().all(|fault| fault.detail.len() < 500));
}

#[test]
fn what_ended_a_key_is_told_in_its_order() {
    let now = Utc::now();
    let user = User {
        id: new_id(),
        username: "nora".to_owned(),
        email: "nora@example.org".to_owned(),
        created_at: now,
        disabled_at: None,
    };
    let disabled = User {
        disabled_at: Some(now),
        ..user.clone()
    };
    let here: IpAddr = "192.0.2.7".parse().unwrap();
    let good = key(&[]);
    let why = |key: &ApiKey, user: &User| BadKey::of(key, user, here, now);
    assert_eq!(why(&good, &user), None);
    assert_eq!(why(&key(&["10.0.0.0/8"]), &user), Some(BadKey::Address));
    assert_eq!(why(&good, &disabled), Some(BadKey::Disabled));
    let ended = ApiKey {
        expires_at: Some(now),
        ..key(&["10.0.0.0/8"])
    };
    assert_eq!(why(&ended, &disabled), Some(BadKey::Expired));
    let revoked = ApiKey {
        revoked_at: Some(now),
        ..ended
    };
    assert_eq!(why(&revoked, &disabled), Some(BadKey::Revoked));
}
