use super::on_both;
use crate::domain::ids::{FamilyId, UserId};
use crate::store::retention;
use crate::store::testing::{TestStore, at};
use crate::store::tokens::{self, NewFamily, Rotation};
use crate::store::{StoreError, new_id, users};

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
            .write(move |db| users::set_password(db, ada.id, "new"))
            .await
            .unwrap();
        let hash = store.read(move |db| users::password_hash(db, ada.id)).await;
        assert_eq!(hash, Ok(Some("new".to_owned())));
        for (hash, has) in [("new", true), ("$argon2id$…", false)] {
            let still = store.write(move |db| users::still_has(db, ada.id, hash));
            assert_eq!(still.await, Ok(has), "{hash}");
        }
        let nobody = store
            .write(|db| users::set_password(db, new_id(), "new"))
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

async fn login(store: &TestStore, user_id: UserId, token: &'static str) -> FamilyId {
    let family = NewFamily {
        id: new_id(),
        user_id,
        created_at: at(0),
        expires_at: at(100),
    };
    let id = family.id;
    store
        .write(move |db| tokens::open_family(db, &family, token))
        .await
        .unwrap();
    id
}

async fn rotate(store: &TestStore, from: &'static str, to: &'static str, second: i64) -> Rotation {
    store
        .write(move |db| tokens::rotate(db, from, to, at(second), at(second + 100)))
        .await
        .unwrap()
}

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
                        .write(move |db| tokens::rotate(db, "t1", &format!("n{n}"), at(1), at(100)))
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
        .write(move |db| tokens::revoke_others(db, ada.id, c, at(2)))
        .await;
    assert_eq!(ended, Ok(vec![b]));
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
});
