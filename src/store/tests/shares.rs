use super::on_both;
use crate::store::retention;
use crate::store::shares::Link;
use crate::store::tables::columns::time;
use crate::store::tables::schema::shares::dsl;
use crate::store::testing::at;
use crate::store::{new_id, shares};
use diesel::prelude::*;

on_both!(a_link_ends_when_it_was_said_to, |store| {
    let user = store.account("ada").await.id;
    let session = store.evaluation(user, 0).await;
    let id: crate::domain::ids::ShareId = new_id();
    let kept = store.write(move |db| {
        let values = (
            dsl::id.eq(id.to_string()),
            dsl::session_id.eq(session.to_string()),
            dsl::token_hash.eq("hash"),
            dsl::created_at.eq(time(at(0))),
            dsl::expires_at.eq(time(at(60))),
        );
        Ok(diesel::insert_into(dsl::shares)
            .values(values)
            .execute(db)?)
    });
    assert_eq!(kept.await.unwrap(), 1);
    for (second, leads) in [(0, true), (59, true), (60, false), (61, false)] {
        let found = store
            .read(move |db| shares::find(db, "hash", at(second)))
            .await
            .unwrap();
        let link = Link {
            user,
            session,
            // A link of an earlier version shows no documents.
            show_documents: false,
        };
        assert_eq!(found, leads.then_some(link), "{second}");
        let listed = store
            .read(move |db| shares::list(db, session, at(second)))
            .await
            .unwrap();
        assert_eq!(listed.len(), usize::from(leads), "{second}");
    }
    for (second, purged) in [(59, 0), (60, 1), (60, 0)] {
        let rows = store
            .write(move |db| retention::expired_links(db, at(second)))
            .await;
        assert_eq!(rows.unwrap(), purged, "{second}");
    }
});
