use super::*;

use std::io::{Cursor, Read};

use zip::ZipArchive;

#[test]
fn what_is_taken_piece_by_piece_is_an_archive_and_little_waits() {
    let (mut archive, mut taken, mut most) = (Archive::default(), Vec::new(), 0);
    archive.begin("numbers.txt").unwrap();
    let mut expected = String::new();
    for number in 0..40_000_u32 {
        // Digits that hardly repeat: what is compressed has to come out.
        let line = format!(
            "{:x}\n",
            u128::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c)
        );
        archive.add(line.as_bytes()).unwrap();
        expected.push_str(&line);
        let piece = archive.take();
        most = most.max(piece.len());
        taken.extend(piece);
    }
    assert!(most < 128 << 10, "{most}");
    assert!(taken.len() > 4 * most, "{} in one piece", taken.len());
    archive.begin("empty.json").unwrap();
    assert!(Archive::default().add(b"x").is_err(), "no file was begun");
    assert!(archive.begin("numbers.txt").is_err(), "it is there");
    taken.extend(archive.finish().unwrap());

    let mut read = ZipArchive::new(Cursor::new(taken)).unwrap();
    assert_eq!(read.len(), 2);
    let mut text = String::new();
    let mut file = read.by_name("numbers.txt").unwrap();
    file.read_to_string(&mut text).unwrap();
    assert_eq!(text, expected);
}
