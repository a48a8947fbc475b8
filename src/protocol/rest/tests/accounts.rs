use super::*;

#[test]
fn a_renewal_is_by_token_or_by_cookie() {
    let read = |text: &str| match serde_json::from_str(text) {
        Ok(Renewal { login, .. }) => match login {
            WhichLogin::Cookie => "cookie".to_owned(),
            WhichLogin::Token(token) => token,
        },
        Err(error) => error.to_string(),
    };
    assert_eq!(read(r#"{"refresh_token":"t"}"#), "t");
    assert_eq!(read(r#"{"refresh_token":"t","cookie":false}"#), "t");
    assert_eq!(read(r#"{"cookie":true}"#), "cookie");
    assert_eq!(read(r#"{"refresh_token":"t","cookie":true}"#), "cookie");
    for text in ["{}", r#"{"cookie":false}"#, r#"{"refresh_token":1}"#] {
        assert!(read(text).contains("field `refresh_token`"), "{text}");
    }
}

#[test]
fn the_id_of_a_request_is_neither_short_nor_endless() {
    for (length, faults) in [(0, 1), (15, 1), (16, 0), (64, 0), (65, 1)] {
        let renewal = Renewal {
            login: WhichLogin::Cookie,
            client_request_id: Some("ä".repeat(length)),
        };
        assert_eq!(renewal.faults().len(), faults, "{length}");
    }
    let wrong = r#"{"cookie":true,"client_request_id":1}"#;
    assert!(serde_json::from_str::<Renewal>(wrong).is_err());
}

#[test]
fn accounts_are_checked() {
    let register = |username: &str, email: &str, password: &str| {
        Register {
            username: username.into(),
            email: email.into(),
            password: password.into(),
        }
        .faults()
        .len()
    };
    assert_eq!(register("ada.l-1", "ada@example.org", "long enough"), 0);
    assert_eq!(register("ab", "nobody", "short"), 3);
    assert_eq!(register("ada lovelace", "a@b@c", "long enough"), 2);
    assert_eq!(register("ada", "countess@example.org", "ada-1815-12"), 1);
    assert_eq!(register("ada", "countess@example.org", "Countess1815"), 1);
}
