//! What an answerer says to be polite, in the languages besides English that answers come in.

/// Beginnings of sentences, in lower case, that say nothing but this.
const BEGINNINGS: &[&str] = &[
    // English.
    "enjoy ", "good luck", "have a ", "let me know", "happy to ", "looking forward", "best regards", "kind regards", "cheers", "would you like",
    "do you want", "feel free", "take care", "you're welcome", "glad to help", "that's it", "that is all", "hope you ", "all the best", "welcome back",
    "stay safe", "sincerely", "i'd be happy", "i would be happy", "i'll be happy", "i'm here to", "i am here to", "don't hesitate", "if you have any",
    "if you need", "if you want", "if you'd like", "if you would like", "any other questions", "dear ",
    // German.
    "bei weiteren fragen", "bei fragen", "bei rückfragen", "falls sie", "falls du", "wenn sie weitere", "wenn sie noch", "wenn du noch", "wenn du weitere",
    "ich hoffe", "gern geschehen", "gerne geschehen", "gern helfe", "gerne helfe", "gern fasse", "gerne fasse", "ich helfe ihnen", "ich helfe dir", "viel erfolg", "viel spaß",
    "viel glück", "mit freundlichen grüßen", "viele grüße", "freundliche grüße", "beste grüße", "sehr geehrte", "guten tag", "liebe grüße", "vielen dank",
    "melden sie sich", "lassen sie mich wissen", "lass mich wissen", "zögern sie nicht", "sagen sie mir", "hier ist ", "hier sind ", "hier finden sie",
    "im folgenden", "nachfolgend", "alles gute", "schönen tag", "einen schönen", "gute reise", "soll ich ", "danke ",
    // French.
    "n'hésitez pas", "je reste à votre", "je suis à votre", "bonjour", "bonsoir", "merci ", "merci,", "merci.", "merci!", "bonne journée", "belle journée", "bonne soirée",
    "cordialement", "bien cordialement", "j'espère que", "j'espère avoir", "si vous avez", "si vous souhaitez", "si tu as", "voici ", "avec plaisir", "à bientôt",
    "bon courage", "bonne chance", "bonne lecture", "bien à vous", "je vous souhaite", "ci-dessous",
    // Spanish.
    "no dude en", "no dudes en", "espero que", "espero haber", "si tiene ", "si tienes ", "si necesita", "si necesitas", "quedo a", "estoy a su", "estoy aquí", "hola",
    "buenos días", "buenas tardes", "gracias ", "gracias por", "un saludo", "saludos", "buen viaje", "con gusto", "de nada", "aquí tiene", "aquí está", "aquí tienes",
    "esto es lo que", "a continuación", "¡claro", "claro que", "¡buen", "¡hola", "¡gracias", "¡espero", "¡suerte", "buena suerte",
    // Italian.
    "non esitare", "non esiti", "spero che", "spero di", "se hai ", "se ha ", "resto a", "rimango a", "buongiorno", "buona giornata", "buona fortuna", "grazie ", "cordiali saluti",
    "ecco ", "di seguito", "prego", "a presto", "sono a",
    // Portuguese.
    "não hesite", "espero que", "espero ter", "se tiver", "se precisar", "fico à", "estou à", "olá", "bom dia", "boa tarde", "obrigado", "obrigada", "atenciosamente",
    "boa sorte", "boa viagem", "aqui está", "aqui estão", "a seguir", "de nada", "abraços",
    // Dutch.
    "ik hoop", "laat het me weten", "als je ", "als u ", "heb je nog", "heeft u nog", "met vriendelijke groet", "goedemorgen", "goedemiddag", "bedankt", "dank je", "dank u",
    "graag gedaan", "hier is ", "hier zijn ", "hieronder", "veel succes", "veel plezier", "fijne dag", "groetjes", "aarzel niet",
    // Russian.
    "если у вас", "если вам", "надеюсь", "обращайтесь", "здравствуйте", "спасибо", "с уважением", "вот ", "удачи", "хорошего дня", "дайте знать", "буду рад", "пожалуйста",
    "ниже приведен",
    // Arabic and Hindi.
    "آمل أن", "إذا كان لديك", "شكرا", "مرحبا", "لا تتردد", "إليك", "आशा है", "धन्यवाद", "नमस्ते", "यदि आपके",
    // Chinese, Japanese, Korean.
    "如需", "如有", "如果您", "如果你", "希望这", "希望对", "希望能", "请告诉我", "您好", "你好", "谢谢", "感谢", "祝您", "祝你", "以下是", "好的", "当然", "不客气", "很高兴", "请随时",
    "ご不明", "ご質問", "お役に立て", "こんにちは", "ありがとう", "何か", "以下は", "以下に", "よろしく", "もちろん", "承知", "かしこまり", "お気軽に",
    "도움이 되", "더 궁금", "궁금한", "안녕하세요", "감사합니다", "추가 질문", "다음은", "질문이 있", "물론", "언제든지", "알겠습니다", "필요하시면",
];

/// Beginnings that are polite only without a number, a date or a name behind them.
const LOOSE: &[&str] = &[
    "dear ", "hier ist ", "hier sind ", "voici ", "ecco ", "si tiene ", "si tienes ", "se hai ", "se ha ", "als je ", "als u ", "falls sie", "falls du", "if you want", "if you need",
    "if you'd like", "if you would like", "if you have any", "вот ", "если вам", "如果您", "如果你", "何か", "enjoy ", "have a ", "espero que", "spero che", "j'espère que", "ich hoffe", "soll ich ",
    "ik hoop", "надеюсь", "hier is ", "hier zijn ", "si vous avez", "si vous souhaitez", "si tu as", "se tiver", "se precisar", "si necesita", "im folgenden", "nachfolgend", "a continuación", "di seguito",
    "a seguir", "hieronder", "以下に", "以下は", "以下是", "다음은", "如有", "如需", "当然", "好的", "물론", "もちろん", "danke ", "merci ", "gracias ", "grazie ", "esto es lo que", "pregò",
];

/// True for a sentence that only is polite.
pub(super) fn is_courtesy(body: &str) -> bool {
    let lower: String = body
        .trim_start_matches(|c: char| !c.is_alphanumeric() && c != '¡')
        .chars()
        .take(200)
        .flat_map(char::to_lowercase)
        .collect::<String>()
        .replace('’', "'");
    let Some(found) = BEGINNINGS.iter().find(|begin| lower.starts_with(**begin)) else {
        return false;
    };
    !LOOSE.contains(found) || !body.chars().any(|c| super::tokens::digit(c).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn politeness_of_many_languages() {
        for text in [
            "Bei weiteren Fragen helfe ich Ihnen gern.",
            "Je reste à votre disposition pour toute autre question.",
            "Bonjour Madame, merci pour votre message !",
            "No dude en preguntar.",
            "Non esitare a chiedere.",
            "Não hesite em perguntar.",
            "Laat het me weten als je vragen hebt.",
            "Надеюсь, это поможет.",
            "如需其他地区的预报，请告诉我。",
            "ご不明な点があればお知らせください。",
            "도움이 되었으면 좋겠습니다.",
            "Enjoy your coffee!",
            "Let me know if you'd like this as an e-mail.",
        ] {
            assert!(is_courtesy(text), "{text}");
        }
        for text in [
            "If you need 30 litres, buy two.",
            "Falls eine Tablette nicht reicht, nimmt man eine zweite.",
            "Si el viento supera los 60 km/h, el servicio se suspende.",
            "The mill opened in 1902.",
        ] {
            assert!(!is_courtesy(text), "{text}");
        }
    }
}
