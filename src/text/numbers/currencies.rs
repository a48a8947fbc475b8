//! How currencies are written: signs, codes, and names in several languages.

/// The name that British, Egyptian and other pounds share.
pub(super) const EITHER_POUND: &str = "pound";

/// A sign in front of or behind a number; what several currencies write has the name that they share.
pub(super) fn sign(mark: char) -> Option<&'static str> {
    Some(match mark {
        '$' => "dollar",
        '€' => "eur",
        '£' => EITHER_POUND,
        // Also the sign of the yuan.
        '¥' | '￥' => "yen or yuan",
        '円' => "jpy",
        '元' => "cny",
        '₹' => "inr",
        '₩' => "krw",
        '₽' => "rub",
        '₺' => "try",
        '₴' => "uah",
        '₪' => "ils",
        '₫' => "vnd",
        '₦' => "ngn",
        '฿' => "thb",
        _ => return None,
    })
}

/// Letters in front of a dollar or real sign: "US$", "HK$", "R$".
pub(super) fn before_sign(word: &str) -> Option<&'static str> {
    Some(match word {
        "us" | "u.s" | "u.s." => "usd",
        "a" | "au" => "aud",
        "c" | "ca" | "can" => "cad",
        "nz" => "nzd",
        "hk" => "hkd",
        "s" => "sgd",
        "nt" => "twd",
        "r" => "brl",
        "mx" => "mxn",
        _ => return None,
    })
}

const CODES: &[&str] = &[
    "usd", "eur", "gbp", "chf", "jpy", "cny", "inr", "nok", "sek", "dkk", "isk", "czk", "pln",
    "huf", "rub", "try", "uah", "ils", "krw", "aud", "cad", "nzd", "hkd", "sgd", "twd", "brl",
    "mxn", "zar", "aed", "thb", "idr", "vnd", "ngn", "egp", "clp", "cop", "ars", "php", "myr",
    "ron", "bgn", "sar",
];

/// A code of ISO 4217; only in capitals, since "try" and "sek" are words elsewhere.
pub(super) fn code(word: &str, capitals: bool) -> Option<&'static str> {
    let found = CODES.iter().find(|code| **code == word);
    found.filter(|_| capitals).copied().or(match word {
        "rmb" if capitals => Some("cny"),
        "kr" => Some("crown"),
        "rs" | "rs." => Some("rupee"),
        "zł" => Some("pln"),
        "kč" => Some("czk"),
        _ => None,
    })
}

/// Names of currencies; the first word of a line is the code or the name that several share.
const NAMES: &[&str] = &[
    "dollar dollar dollars dólar dólares dollari dollaro доллар доллара долларов ドル 美元 달러",
    "eur euro euros евро 유로",
    "pound sterling pfund livres libras sterline фунтов",
    "jpy yen",
    "krw won 원",
    "cny yuan renminbi 위안",
    "crown krone kroner kronor krona kronen couronnes coronas corone crowns крон",
    "franc franc francs franken franchi francos",
    "rupee rupee rupees rupien roupies rupias",
    "rub rouble roubles ruble rubles rubel рублей рубля рубль",
    "peso peso pesos",
    "pln zloty zlotys złoty złotych",
    "huf forint forints",
    "zar rand",
    "ils shekel shekels",
    "try lira liras",
    "uah hryvnia hryvnias",
    "thb baht",
    "idr rupiah",
    "dirham dirham dirhams",
    "brl reais real",
    "btc bitcoin bitcoins btc",
];

/// The name of a currency.
pub(super) fn name(word: &str) -> Option<&'static str> {
    NAMES.iter().find_map(|line| {
        let mut words = line.split(' ');
        let code = words.next()?;
        words.any(|known| known == word).then_some(code)
    })
}

/// Which of the currencies that share a name belongs to a country's adjective: "Norwegian" and "crown".
pub(super) fn of_country(adjective: &str, name: &str) -> Option<&'static str> {
    let country = |forms: &str| forms.split(' ').any(|form| adjective.starts_with(form));
    const TABLE: &[(&str, &str, &str)] = &[
        ("dollar", "us american u.s us-", "usd"),
        ("dollar", "canad kanad", "cad"),
        ("dollar", "austral", "aud"),
        ("dollar", "zealand neusee", "nzd"),
        ("dollar", "singap", "sgd"),
        ("dollar", "kong", "hkd"),
        ("dollar", "taiwan", "twd"),
        ("crown", "norweg norvég norueg", "nok"),
        ("crown", "swed schwed suéd suec", "sek"),
        ("crown", "dan dän", "dkk"),
        ("crown", "czech tschech tchèq chec", "czk"),
        ("crown", "iceland isländ", "isk"),
        ("franc", "swiss schweiz suiss suiz", "chf"),
        (EITHER_POUND, "brit sterling english", "gbp"),
        (EITHER_POUND, "egypt ägypt", "egp"),
        ("rupee", "indian indisch indienn", "inr"),
        ("peso", "mexic mexik", "mxn"),
        ("peso", "argentin", "ars"),
        ("peso", "chile", "clp"),
        ("peso", "philip", "php"),
    ];
    TABLE
        .iter()
        .find(|(shared, forms, _)| *shared == name && country(forms))
        .map(|(_, _, code)| *code)
}

/// True where two currencies can be the same one: equal, or one has the name that several share.
pub(super) fn same_money(one: &str, two: &str) -> bool {
    let shared = |wide: &str, narrow: &str| match wide {
        "dollar" => matches!(
            narrow,
            "usd" | "aud" | "cad" | "nzd" | "hkd" | "sgd" | "twd"
        ),
        EITHER_POUND => matches!(narrow, "gbp" | "egp"),
        "crown" => matches!(narrow, "nok" | "sek" | "dkk" | "isk" | "czk"),
        "franc" => narrow == "chf",
        "rupee" => narrow == "inr",
        "peso" => matches!(narrow, "mxn" | "ars" | "clp" | "cop" | "php"),
        "yen or yuan" => matches!(narrow, "jpy" | "cny"),
        "dirham" => narrow == "aed",
        _ => false,
    };
    one == two || shared(one, two) || shared(two, one)
}

#[cfg(test)]
#[path = "tests/currencies.rs"]
mod tests;
