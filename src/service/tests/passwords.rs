use super::*;

/// Of "correct horse", as earlier versions made them: 19 MiB and two passes.
fn old_hash() -> String {
    let hash = Argon2::default().hash_password(b"correct horse").unwrap();
    assert!(hash.to_string().contains("m=19456,t=2,p=1"), "{hash}");
    hash.to_string()
}

#[tokio::test]
async fn only_the_right_password_of_a_known_user_passes() {
    let passwords = Passwords::new();
    let stored = passwords.hash("correct horse".into()).await.unwrap();
    assert!(stored.starts_with("$argon2id$v=19$m=32768,t=3,p=1$"));
    assert!(
        passwords
            .verify("correct horse".into(), Some(stored.clone()))
            .await
            .unwrap()
    );
    assert!(
        !passwords
            .verify("correct house".into(), Some(stored))
            .await
            .unwrap()
    );
    assert_eq!(
        passwords.verify("correct horse".into(), None).await,
        Ok(false)
    );
}

/// A decoy that can't be read, or of weaker parameters, would be answered sooner than a password.
#[test]
fn the_decoy_is_verified_as_a_hash_of_today() {
    let (decoy, real) = (decoy(), hash("correct horse").unwrap());
    assert!(is_strong(&decoy), "{decoy}");
    let (of_decoy, of_real): (Vec<_>, Vec<_>) =
        (decoy.split('$').collect(), real.split('$').collect());
    // The algorithm, its version and its parameters.
    assert_eq!(of_decoy[..4], of_real[..4]);
    // The salt and the hash.
    let lengths = |parts: &[&str]| parts.iter().map(|part| part.len()).collect::<Vec<_>>();
    assert_eq!(lengths(&of_decoy[4..]), lengths(&of_real[4..]));
}

#[tokio::test]
async fn a_hash_of_weaker_parameters_is_renewed_by_the_right_password_only() {
    let passwords = Passwords::new();
    let check = |password: &str, stored: &str| {
        let passwords = passwords.clone();
        let (password, stored) = (password.to_owned(), stored.to_owned());
        async move {
            let checked = passwords.verify_and_renew(password, Some(stored));
            checked.await.unwrap()
        }
    };
    let old = old_hash();
    assert_eq!(check("correct house", &old).await, Verified::No);
    let Verified::Renewed(new) = check("correct horse", &old).await else {
        panic!("not renewed");
    };
    assert_eq!(check("correct horse", &new).await, Verified::Yes);
    assert_eq!(check("correct house", &new).await, Verified::No);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn so_many_wait_and_one_more_is_refused_at_once() {
    let passwords = Passwords::new();
    // Nobody gets to the computation while these are held.
    let held = Arc::clone(&passwords.computing)
        .acquire_many_owned(AT_ONCE as u32)
        .await
        .unwrap();
    let waiting: Vec<_> = (0..AT_ONCE + WAITING)
        .map(|_| {
            let passwords = passwords.clone();
            tokio::spawn(async move { passwords.verify("x".into(), None).await })
        })
        .collect();
    while passwords.places.available_permits() > 0 {
        tokio::task::yield_now().await;
    }
    let refused = passwords.verify("x".into(), None).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::Overloaded);
    assert_eq!(refused.retry_after, Some(COME_BACK));
    for one in waiting.into_iter().skip(4) {
        one.abort();
    }
    drop(held);
    while passwords.places.available_permits() < AT_ONCE + WAITING {
        tokio::task::yield_now().await;
    }
    assert_eq!(passwords.verify("x".into(), None).await, Ok(false));
}
