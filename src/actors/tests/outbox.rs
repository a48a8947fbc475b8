use super::*;
use bytestring::ByteString;

#[test]
fn bytes_are_bounded_but_one_large_event_passes_alone() {
    let pressure = Pressure::new(10);
    let frame = |len: usize| Frame {
        seq: 1,
        text: ByteString::from("x".repeat(len)),
    };
    assert!(pressure.add(50), "an empty mailbox takes anything");
    assert!(!pressure.add(1));
    pressure.took(&frame(50));
    assert!(pressure.add(6));
    assert!(pressure.add(4));
    assert!(!pressure.add(1));
}
