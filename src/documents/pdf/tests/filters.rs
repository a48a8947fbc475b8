use super::*;

#[test]
fn letters_and_runs_become_bytes() {
    assert_eq!(from_hex(b"48 65 6C6c 6f7>00"), b"Hellop");
    assert_eq!(from_base_85(b"87cUR D]j7BEbo80~>"), b"Hello world!");
    assert_eq!(from_base_85(b"z87c~>"), b"\0\0\0\0He");
    assert_eq!(
        from_runs(b"\x01ab\xfec\x80zz", 99),
        (b"abccc".to_vec(), true)
    );
    assert_eq!(from_runs(&[129, b'a'].repeat(9), 200).0.len(), 256);
    let mut encoder = weezl::encode::Encoder::with_tiff_size_switch(BitOrder::Msb, 8);
    let packed = encoder.encode(&[b'a'; 100_000]).unwrap();
    assert_eq!(from_lzw(&packed, 200_000), (vec![b'a'; 100_000], true));
    assert!(from_lzw(&packed, 500).0.len() < 500 + 2 * PIECE);
}
