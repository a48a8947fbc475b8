//! Whether a full stop ends a sentence or belongs to an abbreviation or an ordinal.

use super::calendar;
use super::language::Language;

/// Behind these a full stop ends no sentence.
const TITLES: &str = "dr mr mrs ms prof gen col sen rep gov lt sgt capt cmdr rev hon \
    pres st mt ft ref refs fig figs eq vs e.g i.e eg cf approx ca sra srta \
    dra hr fr bzw z.b d.h mme mlle m nr vol pp p art sec ch \
    op messrs supt adm maj med jur rer nat phil habil theol ing dipl geb verh gest bzgl ggf inkl exkl evtl \
    u.a v.a i.d.r vgl abs lfd bspw zzgl abzgl mind frl hrsg mio mrd tsd sog gem insb dr.-ing dipl.-ing \
    env p.ex sig dott ing avv dña lic arq excmo ud uds núm pág exmo tel";
/// Behind these a sentence ends only where the next word looks like the beginning of one.
const MAYBE: &str = "inc ltd co corp jr sr u.s u.k u.n e.u ph.d b.c a.d \
    u.s.a al jan feb mar apr jun jul aug sep sept okt oct nov dez dec dept est \
    no nos bros d.c b.a m.a min max avg usw ave blvd str jh jhd o.ä u.ä usf ee.uu av";
/// Capitalised words that begin sentences far more often than names.
const OPENERS: &str = "the an it he she they we you this that these those there in on at \
    by for from with after before but and however its his her their when while as \
    if since although to one to some most all no both each meanwhile during according \
    der die das ein eine er sie es wir ihr ich im am bei mit nach vor seit zum zur und aber auch doch dort hier \
    danach dabei dieser diese dieses mein meine sein seine ihre unser dann sowie \
    le la les un une il elle ils elles nous vous ce cette ces dans en pour el los las ella ellos esta este";
/// Nouns behind which a lone capital letter counts or tells apart, and abbreviates no name.
const LETTERED: &str = "draft plan option version variant team group building room gate type class section appendix \
    annex grade level block zone phase model figure exhibit hall wing platform vitamin hepatitis route line unit tower \
    part product site area company category schedule item point case answer lot bay dock pier terminal entwurf variante \
    gruppe klasse raum gebäude teil anlage halle abschnitt stufe vitamin option plan typ linie punkt bereich";
/// What stands between a time of day and a full stop only within a sentence.
const OF_TIMES: &str = "monday tuesday wednesday thursday friday saturday sunday eastern pacific central mountain \
    greenwich atlantic est edt pst pdt cst cdt mst gmt utc bst cet cest et pt ct mt local";
/// Words that stand before an ordinal in German.
const BEFORE_ORDINALS: &str = "der die das dem den des am im vom zum zur beim ab bis seit jeder jede jeden ihr ihre ihrem ihren \
    sein seine seinem seinen auf in nach vor mit von und oder unser unserem unseren ein einem einen dieser diesem diesen";
/// Nouns that ordinals count in German, wherever they stand.
const COUNTED: &str = "jahrhundert jahrhunderts jahrtausend jahrestag platz stock etage mal auflage klasse liga bundesliga spieltag \
    kapitel quartal halbjahr weltkrieg weltkriegs geburtstag lebensjahr runde minute bezirk ausgabe sitzung obergeschoss og \
    stunde semester rang etappe generation jahr jh tag woche monat";

/// Letters from which a word in small letters is no abbreviation, unless it is a known one.
const PLAIN: usize = 6;

/// True for a word in lower case that, with a capital, begins sentences far more often than names.
pub(super) fn opens(word: &str) -> bool {
    listed(OPENERS, word)
}

fn listed(list: &str, word: &str) -> bool {
    list.split_whitespace().any(|listed| listed == word)
}

/// What of a text decides where its sentences end.
#[derive(Debug, Clone, Copy)]
pub(super) struct Style {
    /// Whether it has had capitals so far: what comes later must not change where an earlier sentence ends.
    pub(super) capitals: bool,
    /// Whether a number with a full stop may be an ordinal.
    ordinals: bool,
    pub(super) language: Language,
}

impl Style {
    pub(super) fn of(text: &str) -> Self {
        let language = Language::of(text);
        Self {
            capitals: false,
            ordinals: language == Language::German,
            language,
        }
    }
}

/// True where a sentence ends between `word` with its full stop (or other mark) and `rest`; `before` is the
/// word before that one.
pub(super) fn breaks(
    before: &str,
    word: &str,
    rest: &str,
    character: char,
    single: bool,
    style: Style,
) -> bool {
    let capitals = style.capitals;
    let next = rest.trim_start_matches(['"', '\'', '“', '‘', '«', '(', '[', '*', '_', '¿', '¡']);
    let lower = next.chars().next().is_some_and(char::is_lowercase);
    if capitals && lower && !rest.starts_with('[') {
        // What begins small is another sentence only behind a word that nobody abbreviates.
        return single && character == '.' && plain(word);
    }
    if !single || character != '.' {
        // An ellipsis in running text, unless a capital follows.
        return capitals || character != '…';
    }
    let word = word
        .trim_start_matches(|c: char| !c.is_alphanumeric())
        .to_lowercase();
    if listed(TITLES, &word) {
        return false;
    }
    let before = before
        .trim_matches(|c: char| !c.is_alphanumeric())
        .to_lowercase();
    let following = next
        .split(|c: char| !c.is_alphanumeric())
        .next()
        .unwrap_or_default()
        .to_lowercase();
    let opener = listed(OPENERS, &following);
    if !word.is_empty() && word.len() <= 3 && word.bytes().all(|byte| byte.is_ascii_digit()) {
        return !ordinal(&before, &word, &following, opener, style);
    }
    if matches!(word.as_str(), "a.m" | "p.m") && capitals {
        return !listed(OF_TIMES, &following) && !following.is_empty();
    }
    if word == "etc" {
        return true;
    }
    let initial = word.chars().count() == 1 && word.chars().all(char::is_alphabetic);
    if initial && listed(LETTERED, &before) {
        return true;
    }
    // "в 1998 г. Завод".
    if word == "г" && before.bytes().all(|byte| byte.is_ascii_digit()) && !before.is_empty() {
        return true;
    }
    if initial
        || listed(MAYBE, &word)
        || (word.contains('.')
            && word
                .chars()
                .all(|c| c.is_alphabetic() || matches!(c, '.' | '-')))
    {
        return if capitals { opener } else { !initial && opener };
    }
    true
}

/// True for a word in small letters that is too long for an abbreviation.
fn plain(word: &str) -> bool {
    word.chars().count() >= PLAIN
        && word.chars().all(char::is_lowercase)
        && !listed(TITLES, word)
        && !listed(MAYBE, word)
}

/// True for a number with a full stop that counts on: "am 3. März", "im 19. Jahrhundert".
fn ordinal(before: &str, word: &str, following: &str, opener: bool, style: Style) -> bool {
    if word.len() > 3 {
        return false;
    }
    if calendar::names_month(following) && word.len() <= 2 {
        return !opener;
    }
    style.ordinals && (listed(COUNTED, following) || (!opener && listed(BEFORE_ORDINALS, before)))
}
