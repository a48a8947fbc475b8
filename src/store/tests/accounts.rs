use super::on_both;
use crate::domain::ids::{FamilyId, UserId};
use crate::store::retention;
use crate::store::testing::{TestStore, at};
use crate::store::tokens::{self, NewFamily, Presented, Rotation};
use crate::store::{StoreError, logins, new_id, users};

on_both!(
    names_and_addresses_are_unique_whatever_their_case,
    |store| {
        let ada = store.account("Ada-Ö").await;
        for (username, email, field) in [
            ("ADA-ö", "other@example.org", "username"),
            ("other", "ADA-ö@EXAMPLE.org", "email"),
        ] {
            let new = users::NewUser {
                id: new_id(),
                username: username.to_owned(),
                email: email.to_owned(),
                password_hash: "x".to_owned(),
                created_at: at(1),
            };
            let outcome = store.write(move |db| users::insert(db, &new)).await;
            assert_eq!(outcome, Err(StoreError::Duplicate(field)));
        }
        let (found, hash) = store
            .read(|db| users::by_username(db, "aDA-ö"))
            .await
            .unwrap()
            .unwrap();
        assert_eq!((found, hash.as_str()), (ada.clone(), "$argon2id$…"));
        store
            .write(move |db| users::reset_password(db, ada.id, "new"))
            .await
            .unwrap();
        let hash = store.read(move |db| users::password_hash(db, ada.id)).await;
        assert_eq!(hash, Ok(Some("new".to_owned())));
        for (hash, has) in [("new", true), ("$argon2id$…", false)] {
            let still = store.write(move |db| users::still_has(db, ada.id, hash));
            assert_eq!(still.await, Ok(has), "{hash}");
        }
        let nobody = store
            .write(|db| users::reset_password(db, new_id(), "new"))
            .await;
        assert_eq!(nobody, Err(StoreError::NotFound));
    }
);

on_both!(
    of_many_simultaneous_registrations_of_one_name_one_is_made,
    |store| {
        let attempts: Vec<_> = (0..8)
            .map(|n| {
                let store = (**store).clone();
                let new = users::NewUser {
                    id: new_id(),
                    username: "grace".to_owned(),
                    email: format!("grace{n}@example.org"),
                    password_hash: "x".to_owned(),
                    created_at: at(1),
                };
                tokio::spawn(async move { store.write(move |db| users::insert(db, &new)).await })
            })
            .collect();
        let mut made = 0;
        for attempt in attempts {
            match attempt.await.unwrap() {
                Ok(_) => made += 1,
                Err(error) => assert_eq!(error, StoreError::Duplicate("username")),
            }
        }
        assert_eq!(made, 1);
    }
);

async fn login(store: &TestStore, user_id: UserId, token: &str) -> FamilyId {
    let family = NewFamily {
        id: new_id(),
        user_id,
        created_at: at(0),
        expires_at: at(100),
    };
    let (id, token) = (family.id, token.to_owned());
    store
        .write(move |db| tokens::open_family(db, &family, &token))
        .await
        .unwrap();
    id
}

fn presented(from: &str, to: &str, request: Option<&str>) -> Presented {
    Presented {
        hash: from.to_owned(),
        request_hash: request.map(str::to_owned),
        successor_hash: to.to_owned(),
    }
}

async fn rotate(store: &TestStore, from: &str, to: &str, second: i64) -> Rotation {
    rotate_as(store, None, from, to, second).await
}

async fn rotate_as(
    store: &TestStore,
    request: Option<&str>,
    from: &str,
    to: &str,
    second: i64,
) -> Rotation {
    let presented = presented(from, to, request);
    store
        .write(move |db| tokens::rotate(db, &presented, at(second), at(second + 100)))
        .await
        .unwrap()
}

on_both!(
    the_request_that_spent_a_token_may_be_repeated_for_ten_seconds,
    |store| {
        let ada = store.account("ada").await;
        for (second, request, rotated) in [
            (10, Some("r"), true),
            (11, Some("r"), false),
            (10, Some("other"), false),
            (10, None, false),
        ] {
            let tokens = ["a", "b", "c", "d"].map(|name| format!("{name}{second}{request:?}"));
            let [a, b, c, d] = tokens.each_ref().map(String::as_str);
            login(store, ada.id, a).await;
            let spent = rotate_as(store, Some("r"), a, b, 1).await;
            assert!(matches!(spent, Rotation::Rotated { .. }), "{spent:?}");
            let again = rotate_as(store, Some("r"), a, c, 5).await;
            assert!(matches!(again, Rotation::Rotated { .. }), "{again:?}");
            // The seconds count from the first time.
            let last = rotate_as(store, request, a, d, second).await;
            if rotated {
                assert!(matches!(last, Rotation::Rotated { .. }), "{last:?}");
                let goes_on = rotate(store, d, "next", 50).await;
                assert!(matches!(goes_on, Rotation::Rotated { .. }), "{goes_on:?}");
            } else {
                assert!(matches!(last, Rotation::Reused { .. }), "{last:?}");
            }
        }
    }
);

on_both!(a_login_is_listed_with_its_last_renewal, |store| {
    let ada = store.account("ada").await;
    let id = login(store, ada.id, "t1").await;
    rotate(store, "t1", "t2", 7).await;
    let listed = store.read(move |db| logins::in_force(db, ada.id, at(8)));
    let expected = logins::Login {
        id,
        created_at: at(0),
        renewed_at: at(7),
        expires_at: at(107),
    };
    assert_eq!(listed.await, Ok(vec![expected]));
});

on_both!(a_successor_that_was_used_was_not_lost, |store| {
    let ada = store.account("ada").await;
    login(store, ada.id, "a").await;
    for (from, to) in [("a", "b"), ("b", "c")] {
        let rotated = rotate_as(store, Some("r"), from, to, 1).await;
        assert!(matches!(rotated, Rotation::Rotated { .. }), "{rotated:?}");
    }
    let again = rotate_as(store, Some("r"), "a", "d", 2).await;
    assert!(matches!(again, Rotation::Reused { .. }), "{again:?}");
});

on_both!(of_two_changes_of_a_password_one_takes_place, |store| {
    let ada = store.account("ada").await;
    let replace = |from: &'static str, to: &'static str| {
        store.write(move |db| users::replace_password(db, ada.id, from, to))
    };
    let (one, other) = tokio::join!(replace("$argon2id$…", "one"), replace("$argon2id$…", "two"));
    assert_eq!(one.unwrap() as u8 + other.unwrap() as u8, 1);
    let hash = store.read(move |db| users::password_hash(db, ada.id));
    let hash = hash.await.unwrap().unwrap();
    assert!(["one", "two"].contains(&hash.as_str()), "{hash}");
});

on_both!(
    an_account_that_is_disabled_has_no_login_and_gets_none,
    |store| {
        let ada = store.account("ada").await;
        let bob = store.account("bob").await;
        let family = login(store, ada.id, "t1").await;
        let others = login(store, bob.id, "b1").await;
        let ended =
            || store.read(move |db| logins::ended_among(db, &[family, others, new_id()], at(2)));
        assert_eq!(ended().await.unwrap().len(), 1, "the one that nobody has");
        let disable = |second| store.write(move |db| users::disable(db, ada.id, at(second)));
        assert_eq!(disable(1).await, Ok(true));
        assert_eq!(disable(2).await, Ok(false));
        let (found, hash) = store
            .read(|db| users::by_username(db, "ada"))
            .await
            .unwrap()
            .unwrap();
        assert_eq!(found.disabled_at, Some(at(1)));
        let still = store.write(move |db| users::still_has(db, ada.id, &hash));
        assert_eq!(still.await, Ok(false));
        let live = store.read(move |db| tokens::live_user(db, family, ada.id, at(2)));
        assert_eq!(live.await, Ok(None));
        assert_eq!(rotate(store, "t1", "t2", 2).await, Rotation::Unknown);
        let now = ended().await.unwrap();
        assert!(now.contains(&family) && !now.contains(&others), "{now:?}");
        let enable = || store.write(move |db| users::enable(db, ada.id));
        assert_eq!((enable().await, enable().await), (Ok(true), Ok(false)));
        let begun = store.write(move |db| users::begin_removal(db, ada.id, at(3)));
        assert_eq!(begun.await, Ok(true));
        assert_eq!(enable().await, Ok(false), "nothing brings it back");
        assert_eq!(store.read(users::in_removal).await, Ok(vec![ada.id]));
        let end = |user| store.write(move |db| users::end_removal(db, user));
        assert_eq!(end(bob.id).await, Ok(false), "its removal has not begun");
        assert_eq!(
            (end(ada.id).await, end(ada.id).await),
            (Ok(true), Ok(false))
        );
    }
);

on_both!(a_spent_token_that_comes_back_ends_its_family, |store| {
    let ada = store.account("ada").await;
    let family = login(store, ada.id, "t1").await;
    let other = login(store, ada.id, "o1").await;
    assert_eq!(
        rotate(store, "t1", "t2", 1).await,
        Rotation::Rotated {
            user: ada.clone(),
            family
        }
    );
    assert_eq!(
        rotate(store, "t1", "t3", 2).await,
        Rotation::Reused {
            user: ada.clone(),
            family
        }
    );
    assert_eq!(rotate(store, "t2", "t4", 3).await, Rotation::Unknown);
    assert_eq!(
        rotate(store, "never seen", "t5", 3).await,
        Rotation::Unknown
    );
    let live = |family| async move {
        store
            .read(move |db| tokens::live_user(db, family, ada.id, at(4)))
            .await
            .unwrap()
            .is_some()
    };
    assert!(!live(family).await);
    assert!(live(other).await);
});

on_both!(
    rotation_moves_the_expiry_and_an_expired_family_is_unknown,
    |store| {
        let ada = store.account("ada").await;
        let bob = store.account("bob").await;
        let family = login(store, ada.id, "t1").await;
        assert!(matches!(
            rotate(store, "t1", "t2", 99).await,
            Rotation::Rotated { .. }
        ));
        assert!(matches!(
            rotate(store, "t2", "t3", 150).await,
            Rotation::Rotated { .. }
        ));
        let live = |user, second| async move {
            store
                .read(move |db| tokens::live_user(db, family, user, at(second)))
                .await
                .unwrap()
        };
        assert_eq!(live(ada.id, 249).await, Some(ada.clone()));
        assert_eq!(live(ada.id, 250).await, None);
        assert_eq!(live(bob.id, 200).await, None);
        assert_eq!(rotate(store, "t3", "t4", 250).await, Rotation::Unknown);
        let purge = |second| store.write(move |db| retention::expired_logins(db, at(second)));
        assert_eq!(purge(249).await, Ok(0));
        assert_eq!(purge(250).await, Ok(1));
    }
);

on_both!(
    of_many_simultaneous_rotations_of_one_token_one_wins,
    |store| {
        let ada = store.account("ada").await;
        let family = login(store, ada.id, "t1").await;
        let attempts: Vec<_> = (0..12)
            .map(|n| {
                let store = (**store).clone();
                tokio::spawn(async move {
                    store
                        .write(move |db| {
                            let presented = presented("t1", &format!("n{n}"), None);
                            tokens::rotate(db, &presented, at(1), at(100))
                        })
                        .await
                        .unwrap()
                })
            })
            .collect();
        let (mut won, mut reused) = (0, 0);
        for attempt in attempts {
            match attempt.await.unwrap() {
                Rotation::Rotated { .. } => won += 1,
                Rotation::Reused { family: found, .. } => {
                    assert_eq!(found, family);
                    reused += 1;
                }
                // After the first reuse the family is revoked.
                Rotation::Unknown => {}
            }
        }
        assert_eq!((won, reused), (1, 1));
    }
);

on_both!(logins_end_one_by_one_or_all_but_one, |store| {
    let ada = store.account("ada").await;
    let bob = store.account("bob").await;
    let (a, b, c) = (
        login(store, ada.id, "a").await,
        login(store, ada.id, "b").await,
        login(store, ada.id, "c").await,
    );
    let stranger = login(store, bob.id, "d").await;
    let end = |hash: &'static str| store.write(move |db| tokens::revoke_by_token(db, hash, at(1)));
    assert_eq!(end("a").await, Ok(Some((ada.clone(), a))));
    assert_eq!(end("a").await, Ok(None));
    assert_eq!(end("zzz").await, Ok(None));
    let ended = store
        .write(move |db| logins::revoke_others(db, ada.id, c, at(2)))
        .await;
    assert_eq!(ended, Ok(vec![b]));
    let listed = store.read(move |db| logins::in_force(db, ada.id, at(3)));
    let listed: Vec<FamilyId> = listed.await.unwrap().iter().map(|login| login.id).collect();
    assert_eq!(listed, [c]);
    for (family, user, lives) in [
        (a, ada.id, false),
        (b, ada.id, false),
        (c, ada.id, true),
        (stranger, bob.id, true),
    ] {
        let found = store
            .read(move |db| tokens::live_user(db, family, user, at(3)))
            .await
            .unwrap();
        assert_eq!(found.is_some(), lives, "{family}");
    }
    let one = |user, family| store.write(move |db| logins::revoke_one(db, user, family, at(4)));
    assert_eq!(one(bob.id, c).await, Ok(false), "it is somebody else's");
    assert_eq!(
        (one(ada.id, c).await, one(ada.id, c).await),
        (Ok(true), Ok(false))
    );
    let all = |user| store.write(move |db| logins::revoke_all(db, user, at(5)));
    assert_eq!(all(ada.id).await, Ok(Vec::new()));
    assert_eq!(all(bob.id).await, Ok(vec![stranger]));
});
