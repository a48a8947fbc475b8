use super::*;

const TTL: Duration = Duration::from_secs(900);
/// Made for this test with `openssl genpkey -algorithm ed25519`.
const PEM: &str = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIFK2+42b3gLZ3skjOk4n2rl16NUHeMNJk11Juqn4zGVo\n-----END PRIVATE KEY-----\n";

/// Its public half: `openssl pkey -pubout`.
const PUBLIC_PEM: &str = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEABgcC15oCDMa5w4iNatU1LD3YhVcjZagY6SVd5tdCvWg=\n-----END PUBLIC KEY-----\n";

fn key(secret: &str) -> Key {
    Key::hs256(&secret.to_owned().into())
}

fn terms(issuer: &str, audience: &str) -> Terms {
    Terms::new(issuer, audience, TTL)
}

fn ids() -> (UserId, FamilyId) {
    let user = "01890a5d-ac96-774b-bcce-b302099a8057".parse().unwrap();
    let family = "01890a5d-ac96-774b-bcce-b302099a8058".parse().unwrap();
    (user, family)
}

#[test]
fn both_algorithms_sign_and_read() {
    let terms = terms("i", "a");
    let eddsa = Key::eddsa(&PEM.into()).unwrap();
    for key in [key("secret"), eddsa] {
        let (user, family) = ids();
        let token = key.sign(&terms, user, family, Utc::now()).unwrap();
        assert_eq!(Key::named_in(&token), Ok(Some(key.id().to_owned())));
        let access = key.read(&terms, &token).unwrap();
        assert_eq!((access.user, access.family), (user, family));
    }
}

#[test]
fn a_public_key_reads_what_its_private_key_signed() {
    let (user, family) = ids();
    let (private, terms) = (Key::eddsa(&PEM.into()).unwrap(), terms("i", "a"));
    let token = private.sign(&terms, user, family, Utc::now()).unwrap();
    let public = Key::eddsa_reading(&PUBLIC_PEM.into()).unwrap();
    assert_eq!(public.id(), private.id());
    assert_eq!(public.read(&terms, &token).unwrap().user, user);
    assert!(public.sign(&terms, user, family, Utc::now()).is_err());
}

#[test]
fn every_other_token_is_refused() {
    let (user, family) = ids();
    let (ours, good_terms) = (key("secret"), terms("i", "a"));
    let sign = |key: &Key, terms: &Terms, age: i64| {
        key.sign(terms, user, family, Utc::now() - TimeDelta::seconds(age))
            .unwrap()
    };
    let read = |token: &str| ours.read(&good_terms, token);
    // The first ends in this very second.
    for age in [900, 901] {
        let over = sign(&ours, &good_terms, age);
        assert_eq!(read(&over), Err(BadToken::Expired), "{age}");
    }
    let early = sign(&ours, &good_terms, -60);
    assert_eq!(read(&early), Err(BadToken::Invalid), "not yet valid");
    for (key, terms) in [
        (key("other"), terms("i", "a")),
        (key("secret"), terms("x", "a")),
        (key("secret"), terms("i", "x")),
        (Key::eddsa(&PEM.into()).unwrap(), terms("i", "a")),
    ] {
        assert_eq!(read(&sign(&key, &terms, 0)), Err(BadToken::Invalid));
    }

    let good = sign(&ours, &good_terms, 0);
    let (_, rest) = good.split_once('.').unwrap();
    let (payload, _) = rest.split_once('.').unwrap();
    let none = URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"JWT"}"#);
    for forged in [
        format!("{none}.{payload}."),
        format!("{none}.{rest}"),
        String::new(),
    ] {
        assert_eq!(read(&forged), Err(BadToken::Invalid));
    }
    let endless = format!("{good}{}", "x".repeat(MAX_TOKEN_BYTES));
    assert_eq!(Key::named_in(&endless), Err(BadToken::Invalid));
}

#[test]
fn refresh_tokens_are_stored_only_as_hashes() {
    let token = random_token().unwrap();
    assert_ne!(token, random_token().unwrap());
    assert_ne!(token_hash(&token), token);
    assert_eq!(token_hash(&token), token_hash(&token));
}
