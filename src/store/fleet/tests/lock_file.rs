use super::*;
use crate::store::new_id;

#[test]
fn a_lock_file_has_one_process_and_tells_who_was_there_before() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("node");
    let (first, before) = LockFile::lock(&path).unwrap();
    assert_eq!(before, None);
    let (node, other): (NodeId, NodeId) = (new_id(), new_id());
    first.name(node).unwrap();
    // The same length: nothing is left of the one before.
    first.name(other).unwrap();
    let refused = LockFile::lock(&path).unwrap_err();
    assert!(matches!(refused, LockError::Taken(_)), "{refused}");
    drop(first);
    let (_second, before) = LockFile::lock(&path).unwrap();
    assert_eq!(before, Some(other));
}

#[test]
fn what_is_no_id_names_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("node");
    std::fs::write(&path, "x".repeat(1 << 20)).unwrap();
    let (lock_file, before) = LockFile::lock(&path).unwrap();
    assert_eq!(before, None);
    assert!(lock_file.name(new_id()).is_ok());
    let nowhere = LockFile::lock(&path.join("below a file")).unwrap_err();
    assert!(matches!(nowhere, LockError::File { .. }), "{nowhere}");
}

/// The node that it names may live where the original is.
#[test]
fn a_copy_of_a_lock_file_names_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let (path, copy) = (folder.path().join("node"), folder.path().join("copy"));
    let (lock_file, _) = LockFile::lock(&path).unwrap();
    let node: NodeId = new_id();
    lock_file.name(node).unwrap();
    std::fs::copy(&path, &copy).unwrap();
    let (_copied, before) = LockFile::lock(&copy).unwrap();
    assert_eq!(before, None);
    drop(lock_file);
    let moved = folder.path().join("moved");
    std::fs::rename(&path, &moved).unwrap();
    let (_moved, before) = LockFile::lock(&moved).unwrap();
    assert_eq!(before, Some(node), "a directory may be moved");
}
