//! Decodes the streams of a PDF with a size limit, which the library's own filters lack.

use std::io::Read;

use flate2::read::{DeflateDecoder, ZlibDecoder};
use hayro_syntax::Filter;
use hayro_syntax::object::Stream;
use weezl::{BitOrder, LzwStatus};

/// Number of bytes that are decoded at a time.
const PIECE: usize = 16 << 10;

/// The result of decoding a stream.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unpacked {
    Whole(Vec<u8>),
    /// The data before a defect; empty for filters that only encode pictures.
    Part(Vec<u8>),
    TooMuch,
}

/// Decodes a stream into at most `most` bytes. The predictors of `DecodeParms` are not applied, as
/// no program uses them for text.
pub(super) fn unpack(stream: &Stream<'_>, most: usize) -> Unpacked {
    let mut bytes = stream.raw_data().into_owned();
    let mut whole = true;
    for filter in stream.filters() {
        let (unpacked, complete) = match filter {
            Filter::FlateDecode => inflated(&bytes, most),
            Filter::LzwDecode => from_lzw(&bytes, most),
            Filter::RunLengthDecode => from_runs(&bytes, most),
            Filter::Ascii85Decode => (from_base_85(&bytes), true),
            Filter::AsciiHexDecode => (from_hex(&bytes), true),
            // Already decrypted when the stream was read.
            Filter::Crypt => continue,
            Filter::CcittFaxDecode
            | Filter::Jbig2Decode
            | Filter::DctDecode
            | Filter::JpxDecode => return Unpacked::Part(Vec::new()),
        };
        whole &= complete;
        bytes = unpacked;
        if bytes.len() > most {
            return Unpacked::TooMuch;
        }
    }
    if bytes.len() > most {
        Unpacked::TooMuch
    } else if whole {
        Unpacked::Whole(bytes)
    } else {
        Unpacked::Part(bytes)
    }
}

/// Returns the decoded bytes, at most `most` plus one, and true if the stream is intact.
fn inflated(bytes: &[u8], most: usize) -> (Vec<u8>, bool) {
    let read = |from: &mut dyn Read| {
        let mut unpacked = Vec::new();
        let whole = from
            .take(most as u64 + 1)
            .read_to_end(&mut unpacked)
            .is_ok();
        (unpacked, whole)
    };
    let unpacked = read(&mut ZlibDecoder::new(bytes));
    if unpacked.0.is_empty() && !unpacked.1 {
        // Some programs omit the two-byte zlib header.
        return read(&mut DeflateDecoder::new(bytes));
    }
    unpacked
}

fn from_lzw(bytes: &[u8], most: usize) -> (Vec<u8>, bool) {
    // Codes grow one early, as in TIFF: `EarlyChange` is 1 by default.
    let mut decoder = weezl::decode::Decoder::with_tiff_size_switch(BitOrder::Msb, 8);
    let (mut unpacked, mut piece, mut rest) = (Vec::new(), [0; PIECE], bytes);
    loop {
        let made = decoder.decode_bytes(rest, &mut piece);
        rest = &rest[made.consumed_in..];
        unpacked.extend_from_slice(&piece[..made.consumed_out]);
        if unpacked.len() > most {
            return (unpacked, true);
        }
        match made.status {
            Ok(LzwStatus::Ok) if made.consumed_in + made.consumed_out > 0 => {}
            Ok(LzwStatus::Ok | LzwStatus::Done) => return (unpacked, true),
            Ok(LzwStatus::NoProgress) | Err(_) => return (unpacked, false),
        }
    }
}

fn from_runs(bytes: &[u8], most: usize) -> (Vec<u8>, bool) {
    let (mut unpacked, mut rest) = (Vec::new(), bytes);
    while let [length, after @ ..] = rest {
        let length = usize::from(*length);
        rest = match length {
            0..128 => {
                let (copied, after) = after.split_at(after.len().min(length + 1));
                unpacked.extend_from_slice(copied);
                after
            }
            128 => break,
            _ => {
                let [byte, after @ ..] = after else {
                    return (unpacked, false);
                };
                unpacked.extend(std::iter::repeat_n(*byte, 257 - length));
                after
            }
        };
        if unpacked.len() > most {
            break;
        }
    }
    (unpacked, true)
}

fn from_hex(bytes: &[u8]) -> Vec<u8> {
    let digits: Vec<u8> = bytes
        .iter()
        .take_while(|byte| **byte != b'>')
        .filter_map(|byte| char::from(*byte).to_digit(16))
        .filter_map(|digit| u8::try_from(digit).ok())
        .collect();
    let byte = |pair: &[u8]| pair[0] << 4 | pair.get(1).copied().unwrap_or(0);
    digits.chunks(2).map(byte).collect()
}

fn from_base_85(bytes: &[u8]) -> Vec<u8> {
    let mut unpacked = Vec::with_capacity(bytes.len() / 5 * 4);
    let (mut number, mut digits) = (0_u32, 0);
    for byte in bytes {
        match byte {
            b'~' => break,
            b'z' if digits == 0 => unpacked.extend([0; 4]),
            b'!'..=b'u' => {
                number = number.wrapping_mul(85).wrapping_add(u32::from(byte - b'!'));
                digits += 1;
            }
            _ => {}
        }
        if digits == 5 {
            unpacked.extend(number.to_be_bytes());
            (number, digits) = (0, 0);
        }
    }
    if digits > 1 {
        for _ in digits..5 {
            number = number.wrapping_mul(85).wrapping_add(84);
        }
        unpacked.extend(&number.to_be_bytes()[..digits - 1]);
    }
    unpacked
}

#[cfg(test)]
#[path = "tests/filters.rs"]
mod tests;
