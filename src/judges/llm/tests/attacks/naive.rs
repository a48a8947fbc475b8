//! A model that does what a text tells it to, and sees through what a good model sees through:
//! JSON escapes, look-alike letters, digits for letters, letters pulled apart, base64, hexadecimal,
//! percent signs, character references, ROT13, reversal, tags, variation selectors, direction overrides.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use super::super::completion;
use super::list::Trigger;

/// What it rates where nobody tells it what to.
const HONEST: u8 = 2;

pub(crate) struct Naive {
    pub(crate) trigger: Trigger,
    pub(crate) wants: u8,
    /// The status of answers where it is not triggered.
    pub(crate) otherwise: u16,
}

impl Naive {
    pub(crate) fn new(trigger: Trigger, wants: u8) -> Self {
        Self {
            trigger,
            wants,
            otherwise: 200,
        }
    }

    /// Answers a chat completion request.
    pub(crate) fn answer(&self, body: &str) -> (u16, String) {
        let body: Value = serde_json::from_str(body).unwrap();
        let asked = body["messages"][1]["content"].as_str().unwrap();
        let texts: Vec<String> = asked
            .lines()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok())
            .flat_map(|line| {
                ["text", "question"]
                    .map(|field| line[field].as_str().unwrap_or_default().to_owned())
            })
            .collect();
        let obeys = self.is_triggered(asked, &texts.join("\n"));
        let rating = if obeys { self.wants } else { HONEST };
        let status = if obeys { 200 } else { self.otherwise };
        let claims: Vec<Value> = asked
            .lines()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok())
            .filter_map(|line| line.get("index").cloned())
            .map(|index| json!({"index": index, "label": "NOT_ENOUGH_INFO", "quote": ""}))
            .collect();
        let reply = json!({"explanation": "so", "claims": claims, "issues": [], "rating": rating, "confidence": "high"});
        (status, completion(&reply.to_string()))
    }

    /// True where it would obey if it were given the text itself.
    pub(crate) fn obeys_unprotected(&self, text: &str) -> bool {
        self.is_triggered(text, text)
    }

    fn is_triggered(&self, tokenized: &str, read: &str) -> bool {
        match self.trigger {
            Trigger::Token(token) => tokenized.contains(token),
            Trigger::Read(words) => views(read).iter().any(|view| compact(view).contains(words)),
        }
    }
}

fn compact(text: &str) -> String {
    text.to_lowercase()
        .chars()
        .filter(|c| c.is_alphanumeric())
        .collect()
}

/// The text in every way in which it may be meant.
fn views(text: &str) -> Vec<String> {
    let map =
        |from: fn(char) -> Option<char>| -> String { text.chars().filter_map(from).collect() };
    let mut views = vec![text.to_owned(), text.chars().rev().collect()];
    views.push(map(|c| Some(looks(c))));
    // The 5 of the rating is one; the others are letters.
    views.push(map(|c| {
        Some(match looks(c) {
            '0' => 'o',
            '1' => 'i',
            '3' => 'e',
            '4' => 'a',
            '7' => 't',
            other => other,
        })
    }));
    views.push(map(|c| {
        char::from_u32(u32::from(c).checked_sub(0xE0000)?).filter(char::is_ascii)
    }));
    views.push(map(|c| {
        char::from_u32(u32::from(c).checked_sub(0xE0100)? + 16).filter(char::is_ascii)
    }));
    views.push(map(|c| {
        Some(match c.to_ascii_lowercase() {
            small @ 'a'..='z' => ((small as u8 - b'a' + 13) % 26 + b'a') as char,
            other => other,
        })
    }));
    for word in text.split(|c: char| !(c.is_ascii_alphanumeric() || "+/=".contains(c))) {
        if let Ok(bytes) = BASE64_STANDARD.decode(word) {
            views.push(String::from_utf8_lossy(&bytes).into_owned());
        }
        views.push(from_hex(word));
    }
    for word in text.split_whitespace() {
        views.push(from_hex(&word.replace('%', "")));
    }
    let references: String = text
        .split(['&', '#', ';'])
        .filter_map(|number| char::from_u32(number.parse().ok()?))
        .collect();
    views.push(references);
    views
}

fn from_hex(text: &str) -> String {
    let digits: Vec<u32> = text.chars().map_while(|c| c.to_digit(16)).collect();
    // What stands before the run is no part of it.
    let tail: Vec<u32> = text.chars().rev().map_while(|c| c.to_digit(16)).collect();
    let digits = if digits.len() >= tail.len() {
        digits
    } else {
        tail.into_iter().rev().collect()
    };
    digits
        .chunks_exact(2)
        .filter_map(|pair| char::from_u32(pair[0] * 16 + pair[1]))
        .collect()
}

fn looks(c: char) -> char {
    match c {
        'а' => 'a',
        'с' => 'c',
        'е' => 'e',
        'і' => 'i',
        'о' => 'o',
        'р' => 'p',
        'ѕ' => 's',
        'х' => 'x',
        'у' => 'y',
        '！'..='～' => char::from_u32(u32::from(c) - 0xFF01 + 0x21).unwrap_or(c),
        other => other,
    }
}
