use super::*;
use crate::store::new_id;

#[test]
fn a_place_has_one_process_and_tells_who_was_there_before() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("node");
    let (first, before) = Place::take(&path).unwrap();
    assert_eq!(before, None);
    let (node, other): (NodeId, NodeId) = (new_id(), new_id());
    first.name(node).unwrap();
    // The same length: nothing is left of the one before.
    first.name(other).unwrap();
    let refused = Place::take(&path).unwrap_err();
    assert!(matches!(refused, NoPlace::Taken(_)), "{refused}");
    drop(first);
    let (_second, before) = Place::take(&path).unwrap();
    assert_eq!(before, Some(other));
}

#[test]
fn what_is_no_id_names_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("node");
    std::fs::write(&path, "x".repeat(1 << 20)).unwrap();
    let (place, before) = Place::take(&path).unwrap();
    assert_eq!(before, None);
    assert!(place.name(new_id()).is_ok());
    let nowhere = Place::take(&path.join("below a file")).unwrap_err();
    assert!(matches!(nowhere, NoPlace::File { .. }), "{nowhere}");
}

/// The node that it names may live where the original is.
#[test]
fn a_copy_of_a_place_names_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let (path, copy) = (folder.path().join("node"), folder.path().join("copy"));
    let (place, _) = Place::take(&path).unwrap();
    let node: NodeId = new_id();
    place.name(node).unwrap();
    std::fs::copy(&path, &copy).unwrap();
    let (_copied, before) = Place::take(&copy).unwrap();
    assert_eq!(before, None);
    drop(place);
    let moved = folder.path().join("moved");
    std::fs::rename(&path, &moved).unwrap();
    let (_moved, before) = Place::take(&moved).unwrap();
    assert_eq!(before, Some(node), "a directory may be moved");
}
