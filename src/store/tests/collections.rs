use super::on_both;
use crate::domain::claim::Span;
use crate::domain::ids::{CollectionId, DocumentId, UserId};
use crate::store::collections::{self, Document, Kept, MAX_CHARS, NewDocument};
use crate::store::passages::{self, NewPassage};
use crate::store::pool::migrate::{POSTGRES, SQLITE};
use crate::store::quota::{self, Quota};
use crate::store::testing::{TestStore, at};
use crate::store::{Db, Store, StoreError, StoreSettings, evaluations, new_id};
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use diesel_migrations::MigrationHarness;

async fn collection(store: &TestStore, user: UserId) -> CollectionId {
    let id = new_id();
    let made = store.write(move |db| collections::create(db, user, id, "Rivers", at(0)));
    assert_eq!(made.await, Ok(Kept::Done));
    id
}

/// A document whose passages are these lines, found by their words.
fn lines(lines: &[&str], chars: u64) -> NewDocument {
    let mut start = 0;
    let passages: Vec<NewPassage> = lines
        .iter()
        .map(|line| {
            let span = Span {
                start,
                end: start + line.len(),
            };
            start = span.end + 1;
            NewPassage {
                span,
                text: (*line).to_owned(),
                terms: line.split(' ').map(str::to_lowercase).collect(),
            }
        })
        .collect();
    NewDocument {
        document: Document {
            id: new_id(),
            name: "notes.txt".to_owned(),
            media_type: "text/plain".to_owned(),
            chars,
            passages: passages.len() as u64,
            created_at: at(1),
        },
        language: "english",
        text: lines.join("\n"),
        passages,
    }
}

async fn add(
    store: &TestStore,
    user: UserId,
    collection: CollectionId,
    new: NewDocument,
) -> (DocumentId, Result<Kept, StoreError>) {
    let id = new.document.id;
    let kept = store.write(move |db| collections::add(db, user, collection, &new));
    (id, kept.await)
}

/// The texts that are found, best first.
async fn found(store: &TestStore, collection: CollectionId, terms: &[&str]) -> Vec<String> {
    let terms: Vec<String> = terms.iter().map(|term| (*term).to_owned()).collect();
    let rows = store.read(move |db| passages::search(db, collection, 10, &terms, 5));
    let texts = rows.await.unwrap().into_iter();
    texts.map(|(passage, _)| passage.text).collect()
}

/// Rows of the full-text index.
async fn indexed(store: &TestStore) -> i64 {
    #[derive(QueryableByName)]
    struct Count {
        #[diesel(sql_type = BigInt)]
        rows: i64,
    }
    let count = store.read(|db| {
        let query = diesel::sql_query("SELECT count(*) AS rows FROM passage_terms");
        Ok(query.get_result::<Count>(db)?.rows)
    });
    count.await.unwrap()
}

const RIVERS: [&str; 4] = [
    "danube flows east",
    "danube passes vienna",
    "rhine flows north",
    "danube danube danube danube",
];

on_both!(the_rarest_terms_find_the_best_passages, |store| {
    let user = store.account("ada").await.id;
    let (mine, other) = (collection(store, user).await, collection(store, user).await);
    let (document, kept) = add(store, user, mine, lines(&RIVERS, 90)).await;
    assert_eq!(kept, Ok(Kept::Done));
    add(store, user, other, lines(&["danube vienna flows"], 20))
        .await
        .1
        .unwrap();

    assert_eq!(
        found(store, mine, &["danube", "vienna"]).await[0],
        RIVERS[1]
    );
    assert_eq!(found(store, mine, &["rhine"]).await, [RIVERS[2]]);
    assert_eq!(found(store, mine, &["danube"]).await.len(), 3);
    assert!(found(store, mine, &["elbe"]).await.is_empty());
    assert!(found(store, mine, &[]).await.is_empty());
    assert_eq!(
        found(store, other, &["danube", "rhine"]).await,
        ["danube vienna flows"]
    );

    let rows = store.read(move |db| passages::search(db, mine, 4, &["vienna".to_owned()], 5));
    let (passage, score) = rows.await.unwrap().remove(0);
    assert!(score > 0.0);
    assert_eq!(passage.span, Span { start: 18, end: 38 });
    assert_eq!(passage.name, "notes.txt");
    assert_eq!(
        (passage.place.collection_id, passage.place.document_id),
        (mine, document)
    );
});

on_both!(nobody_writes_into_another_collection, |store| {
    let (ada, bob) = (store.account("ada").await.id, store.account("bob").await.id);
    let (his, hers) = (collection(store, bob).await, collection(store, ada).await);
    add(store, ada, hers, lines(&["rhine flows north"], 20))
        .await
        .1
        .unwrap();
    let name = format!(
        "collection_{0} collection{0} {0} danube",
        hers.uuid().simple()
    );
    add(store, bob, his, lines(&[&name], 20)).await.1.unwrap();
    assert!(found(store, hers, &["danube"]).await.is_empty());
});

on_both!(what_engines_read_as_syntax_is_a_term_like_others, |store| {
    let user = store.account("ada").await.id;
    let mine = collection(store, user).await;
    let text = "or and not near 3_5 größe 磨坊 null";
    add(store, user, mine, lines(&[text], 30)).await.1.unwrap();
    for term in ["or", "and", "not", "near", "3_5", "größe", "磨坊", "null"] {
        assert_eq!(found(store, mine, &[term]).await, [text], "{term}");
        assert_eq!(found(store, mine, &[term, "elbe"]).await, [text], "{term}");
    }
    assert!(found(store, mine, &["3"]).await.is_empty());
});

on_both!(what_is_deleted_is_not_found, |store| {
    let user = store.account("ada").await.id;
    let (one, two) = (collection(store, user).await, collection(store, user).await);
    let (document, _) = add(store, user, one, lines(&RIVERS, 90)).await;
    add(store, user, one, lines(&["elbe flows"], 10))
        .await
        .1
        .unwrap();
    add(store, user, two, lines(&["oder flows"], 10))
        .await
        .1
        .unwrap();
    assert_eq!(indexed(store).await, 6);
    let sums = |collection| async move {
        let read = store.read(move |db| collections::get(db, user, collection));
        read.await
            .unwrap()
            .map(|it| (it.documents, it.passages, it.chars))
    };
    assert_eq!(sums(one).await, Some((2, 5, 100)));

    let remove = move || store.write(move |db| collections::remove(db, user, one, document));
    assert_eq!(remove().await, Ok(true));
    assert_eq!(remove().await, Ok(false));
    assert_eq!(sums(one).await, Some((1, 1, 10)));
    assert!(found(store, one, &["danube"]).await.is_empty());
    store.remove_deleted().await;
    assert!(found(store, one, &["danube"]).await.is_empty());
    assert_eq!(indexed(store).await, 2);

    let delete = store.write(move |db| collections::delete(db, user, one));
    assert_eq!(delete.await, Ok(true));
    assert_eq!(sums(one).await, None);
    assert_eq!(found(store, two, &["flows"]).await, ["oder flows"]);
    store.remove_deleted().await;
    assert_eq!(indexed(store).await, 1);
    store
        .sql(&format!("DELETE FROM users WHERE id = '{user}'"))
        .await;
    assert_eq!(indexed(store).await, 0);
});

on_both!(a_collection_is_its_owners_alone, |store| {
    let (ada, bob) = (store.account("ada").await.id, store.account("bob").await.id);
    let mine = collection(store, ada).await;
    let (document, _) = add(store, ada, mine, lines(&RIVERS, 90)).await;
    assert_eq!(
        add(store, bob, mine, lines(&["x"], 1)).await.1,
        Ok(Kept::NotFound)
    );
    let seen = store.read(move |db| {
        Ok((
            collections::get(db, bob, mine)?.is_some(),
            collections::documents(db, bob, mine, None, 9)?.is_some(),
            collections::document(db, bob, mine, document)?.is_some(),
            collections::languages(db, bob, mine)?.is_some(),
            collections::list(db, bob, None, 9)?.len(),
        ))
    });
    assert_eq!(seen.await, Ok((false, false, false, false, 0)));
    let gone = store.write(move |db| {
        let document = collections::remove(db, bob, mine, document)?;
        Ok((document, collections::delete(db, bob, mine)?))
    });
    assert_eq!(gone.await, Ok((false, false)));
    let kept = store.read(move |db| {
        let text = collections::document(db, ada, mine, document)?.map(|(_, text)| text);
        Ok((text, collections::languages(db, ada, mine)?))
    });
    let languages = Some(vec!["english".to_owned()]);
    assert_eq!(kept.await, Ok((Some(RIVERS.join("\n")), languages)));
});

on_both!(a_full_collection_takes_nothing_more, |store| {
    let user = store.account("ada").await.id;
    let mine = collection(store, user).await;
    let most = u64::try_from(MAX_CHARS).unwrap();
    let (_, kept) = add(store, user, mine, lines(&["a"], most)).await;
    assert_eq!(kept, Ok(Kept::Done));
    let (_, refused) = add(store, user, mine, lines(&["b"], 1)).await;
    assert_eq!(refused, Ok(Kept::Full("characters", MAX_CHARS)));
    let there = store.read(move |db| collections::get(db, user, mine)).await;
    let there = there.unwrap().unwrap();
    assert_eq!((there.documents, there.passages, there.chars), (1, 1, most));
    assert_eq!(indexed(store).await, 1);
});

on_both!(lists_go_by_pages, |store| {
    let user = store.account("ada").await.id;
    let made = [collection(store, user).await, collection(store, user).await];
    let mut documents = Vec::new();
    for number in 0..3 {
        documents.push(add(store, user, made[0], lines(&["a"], number)).await.0);
    }
    let page = store.read(move |db| {
        let first = collections::list(db, user, None, 1)?;
        let rest = collections::list(db, user, Some(first[0].id), 9)?;
        Ok([first, rest].concat())
    });
    let ids: Vec<_> = page.await.unwrap().iter().map(|it| it.id).collect();
    assert_eq!(ids, made);
    let page = store.read(move |db| {
        let first = collections::documents(db, user, made[0], None, 2)?.unwrap();
        let rest = collections::documents(db, user, made[0], Some(first[1].id), 2)?.unwrap();
        Ok([first, rest].concat())
    });
    let ids: Vec<_> = page.await.unwrap().iter().map(|it| it.id).collect();
    assert_eq!(ids, documents);
});

on_both!(changes_at_once_do_not_block_each_other, |store| {
    let user = store.account("ada").await.id;
    for _ in 0..5 {
        let mine = collection(store, user).await;
        let mut documents = Vec::new();
        for _ in 0..4 {
            documents.push(add(store, user, mine, lines(&RIVERS, 90)).await.0);
        }
        let removals = documents.into_iter().map(|document| {
            store.write(move |db| collections::remove(db, user, mine, document).map(drop))
        });
        let additions = (0..4).map(|_| async {
            let (_, kept) = add(store, user, mine, lines(&RIVERS, 90)).await;
            kept.map(drop)
        });
        let deletion = store.write(move |db| collections::delete(db, user, mine).map(drop));
        let (removed, added, deleted) = tokio::join!(
            futures_util::future::join_all(removals),
            futures_util::future::join_all(additions),
            deletion,
        );
        let outcomes = removed.into_iter().chain(added).chain([deleted]);
        assert_eq!(outcomes.collect::<Vec<_>>(), vec![Ok(()); 9]);
    }
    store.remove_deleted().await;
    assert_eq!(indexed(store).await, 0);
});

on_both!(what_an_earlier_version_has_kept_is_found_again, |store| {
    const SINCE: &str = "20261130130100";
    let ada = store.account("ada").await.id;
    let session = store
        .evaluation_of(ada, 1, "A Needle in the hay", "ünseen")
        .await;
    let mine = collection(store, ada).await;
    let (document, _) = add(store, ada, mine, lines(&RIVERS, 90)).await;
    store
        .write(|db| {
            loop {
                let undone = match db {
                    Db::Sqlite(c) => c.revert_last_migration(SQLITE),
                    Db::Pg(c) => c.revert_last_migration(POSTGRES),
                };
                match undone {
                    Ok(version) if version.to_string() == SINCE => return Ok(()),
                    Ok(_) => {}
                    Err(error) => return Err(StoreError::Query(error.to_string())),
                }
            }
        })
        .await
        .unwrap();
    let settings = StoreSettings {
        url: store.url.clone(),
        pool_size: 2,
        ..StoreSettings::default()
    };
    Store::open(&settings).unwrap();

    let filter = evaluations::Filter {
        q: Some("nEEDLE".to_owned()),
        ..evaluations::Filter::default()
    };
    let page = store.read(move |db| {
        let mut work = evaluations::Work::none();
        evaluations::list(db, ada, &filter, None, 10, &mut work)
    });
    let items = page.await.unwrap().items;
    assert_eq!((items.len(), items[0].id), (1, session));
    assert_eq!(items[0].source_preview, "A Needle in the hay");
    assert_eq!(items[0].candidate_preview, "ünseen");

    let before = found(store, mine, &["flows", "danube"]).await;
    assert_eq!(before[0], "danube flows east");
    // 19 + 7 bytes of texts, and those of the document.
    let text = RIVERS.join("\n").len() as u64;
    let full = |bytes| {
        let quota = Quota {
            evaluations: 0,
            bytes,
        };
        store.write(move |db| quota::exceeded(db, ada, quota, 0, 0))
    };
    assert_eq!(full(26 + text).await, Ok(None));
    assert!(full(25 + text).await.unwrap().is_some());

    let gone = store.write(move |db| collections::remove(db, ada, mine, document));
    assert_eq!(gone.await, Ok(true));
    store.remove_deleted().await;
    assert_eq!(indexed(store).await, 0);
});
