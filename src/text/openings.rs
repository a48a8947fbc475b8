//! What stands before a statement and is none: "Sure, …", "According to the text, …", "Please note that …".

use std::sync::LazyLock;

use super::abstentions;
use super::analysis::Analysis;
use super::non_claims::NonClaim;
use super::phrases::Patterns;
use super::tokens::Token;

/// Tokens of a statement that may stand behind an opening.
const LEAST: usize = 2;

/// Words that open an answer, before a comma, a colon, a dash or a full stop.
const COURTESIES: &[&str] = &[
    "sure thing?",
    "certainly",
    "absolutely",
    "definitely",
    "of course",
    "yes",
    "yeah",
    "yep",
    "no",
    "okay",
    "ok",
    "right",
    "well",
    "alright",
    "indeed",
    "great|good|excellent|interesting question",
    "no problem",
    "with pleasure",
    "my pleasure",
    "hello there?",
    "hi there?",
    "hey there?",
    "greetings",
    "good morning|afternoon|evening",
    "thanks * ",
    "thank you *",
    "happy|glad to help",
    "i'm|i am happy|glad to help *",
    "let me explain|see|check|clarify|summarize|summarise|answer|think *",
    "to be honest|clear|precise|fair|sure",
    "to answer your question",
    "in short|brief|summary|conclusion|essence|other",
    "to summarize|summarise|conclude|sum *",
    "in other words",
    "simply put",
    "put simply",
    "long story short",
    "in a nutshell",
    "first of all",
    "as you know",
    "as requested",
    "here|this is|are the|my|your * answer|summary|response",
    "here you go",
    "here's|here is * answer|summary|response",
    "the|my short? answer|response is?",
    "answer",
    "summary",
    "short answer",
    "note",
    "important",
    "response",
    "final answer",
    "tl;dr",
    "tldr",
    "good news",
    "i'm|i am sorry",
    "sorry *",
    "apologies",
    "i could be wrong but?",
    "if i understand * correctly",
    "if i'm not mistaken",
    "as far as i know|understand|see|can * ",
    "to the best of my knowledge",
    "i hope this|that|it helps *",
    "hope this|that|it helps *",
    "i hope * ",
    "as an ai * ",
    "fun fact",
    "quick answer",
    "i'd|i would be happy to help *",
    "unfortunately",
    "interestingly",
    "notably",
    "importantly",
    "regarding|concerning your question",
    "based on what i know",
    "from what i can tell|see",
    "please",
    // German.
    "gern",
    "gerne",
    "natürlich",
    "klar",
    "sicher",
    "selbstverständlich",
    "ja",
    "nein",
    "also",
    "kurz gesagt",
    "kurzum",
    "gute frage",
    "hallo",
    "guten tag|morgen|abend",
    "kein problem",
    "vielen|besten dank *",
    "danke *",
    "zusammengefasst",
    "zusammenfassend",
    "kurze? antwort",
    "die antwort lautet?",
    "hinweis",
    "wichtig",
    "ich hoffe * hilft *",
    "lassen sie mich * erklären",
    "leider",
    "soweit ich weiß|weiss|sehe",
    "bitte",
    "in ordnung",
    "freut mich *",
    "mit vergnügen",
    "aber gern|natürlich|sicher",
    // French.
    "bien sûr",
    "oui",
    "non",
    "certainement",
    "absolument",
    "d'accord",
    "bonjour",
    "bonsoir",
    "merci *",
    "avec plaisir",
    "en résumé",
    "en bref",
    "pour résumer",
    "bonne question",
    "remarque",
    "réponse",
    "volontiers",
    "évidemment",
    "voici * réponse",
    "tout à fait",
    "j'espère * aide *",
    "laissez moi * expliquer",
    "à ma connaissance",
    "malheureusement",
    // Spanish.
    "claro que? sí?",
    "claro",
    "por supuesto",
    "sí",
    "desde luego",
    "hola",
    "buenos días",
    "gracias *",
    "en resumen",
    "buena pregunta",
    "con gusto",
    "con mucho gusto",
    "nota",
    "respuesta",
    "ciertamente",
    "efectivamente",
    "permítame * explicar",
    "espero * ayude *",
    "lamentablemente",
    "seguro",
    // Italian.
    "certo",
    "certamente",
    "naturalmente",
    "sì",
    "ciao",
    "buongiorno",
    "grazie *",
    "in sintesi",
    "in breve",
    "ottima|buona domanda",
    "volentieri",
    "con piacere",
    "risposta",
    "assolutamente",
    "spero * utile *",
    "ovviamente",
    "purtroppo",
    "d'accordo",
    // Portuguese.
    "com certeza",
    "sim",
    "não",
    "olá",
    "bom dia",
    "obrigado|obrigada *",
    "em resumo",
    "boa pergunta",
    "com prazer",
    "resposta",
    "certamente",
    "espero * ajude *",
    "infelizmente",
    "é claro",
    // Dutch.
    "natuurlijk",
    "zeker",
    "uiteraard",
    "ja",
    "nee",
    "goede vraag",
    "hallo",
    "graag",
    "kortom",
    "samengevat",
    "antwoord",
    "let op",
    "graag gedaan",
    "bedankt *",
    "ik hoop * helpt *",
    "helaas",
    // Russian.
    "конечно",
    "разумеется",
    "да",
    "нет",
    "здравствуйте",
    "спасибо *",
    "хороший вопрос",
    "безусловно",
    "итак",
    "ответ",
    "пожалуйста",
    "кратко",
    "короче говоря",
    "с удовольствием",
    // Arabic.
    "بالطبع",
    "نعم",
    "بالتأكيد",
    "حسنا",
    "مرحبا",
    "شكرا *",
    // Hindi.
    "ज़रूर",
    "बिल्कुल",
    "हाँ",
    "नमस्ते",
    // Korean.
    "네",
    "예",
    "물론입니다",
    "물론이죠",
    "물론",
    "안녕하세요",
    "감사합니다",
];

/// What goes before "that", with it.
const THAT: &[&str] = &[
    "please? note|remember|notice|observe|see|know|consider that",
    "please keep|bear in mind that",
    "keep|bear in mind that",
    "please be aware|advised|informed that",
    "be aware that",
    "it is|it's * worth|important|interesting|useful|helpful|good|necessary * noting|mentioning|knowing|remembering|pointing|adding out? that",
    "it is|it's * worth|important|interesting|useful|helpful|good|necessary to * that",
    "it should|must|can|may|could also? be noted|added|said|mentioned|stressed|emphasized|emphasised|pointed|remembered|noticed|observed|remarked|clear|borne|kept * that",
    "i|we can|could|may|must|should|would * tell|say|add|confirm|see|find|note * that",
    "i'd|i'll * say|add|note * that",
    "@which% @source @behind% also? clearly? explicitly? @tell * that",
    "@which% @source @behind% makes|make it? clear that",
    "as|from @which% @source @behind% it is? clear? follows? that",
    "i|we know|see|understand|read|find from|in @which% @source that",
    "what we know is that",
    "the answer is that",
    "the point is that",
    "the fact is that",
    "the good news is that",
    "you should|may|can also? know|note|see that",
    "we learn|read|see that",
    "according to @which% @source it is * that",
    "there it says that",
    "it is|it's|is stated|mentioned|noted|said|reported|written * that",
    "it says that",
    "i hope * helps that",
    "i|we understand|believe that * @source @tell that",
    // German, with the commas of the sentence.
    "bitte beachten|beachte|bedenken|merken * dass",
    "es ist * beachten|erwähnenswert|wichtig|hervorzuheben|anzumerken * dass",
    "es sei * dass",
    "zu beachten ist dass",
    "hinzuzufügen ist dass",
    "wichtig ist dass",
    "der|die|das|dieser|dieses * text|quelle|dokument|artikel|bericht|passage|auszug * besagt|sagt|erwähnt|gibt|erklärt|berichtet|schreibt|nennt|heißt * dass",
    "im text|dokument|artikel|bericht steht|heißt|wird * dass",
    "aus dem text|dokument|artikel|bericht geht hervor dass",
    // French.
    "veuillez noter que",
    "veuillez noter qu",
    "notez|remarquez que",
    "il est|convient|faut * noter|souligner|rappeler|important|préciser * que|qu'il|qu'elle|qu",
    "le|la|ce|cet|cette * texte|source|document|article|passage|rapport * indique|dit|précise|mentionne|affirme|explique|rapporte|note * que|qu'il|qu'elle|qu",
    // Spanish.
    "tenga|ten|tome|tengan en cuenta que",
    "cabe|conviene|es|hay * señalar|destacar|mencionar|importante|notar|recordar * que",
    "por favor note|nótese que",
    "nótese que",
    "el|la|este|esta * texto|fuente|documento|artículo|pasaje|informe * dice|indica|menciona|afirma|señala|explica * que",
    // Italian.
    "si noti|ricordi che",
    "tenga|tieni presente|conto che",
    "è|va|vale * notare|importante|sottolineare|ricordare|notato|precisare * che",
    "il|la|lo|questo * testo|fonte|documento|articolo|brano|rapporto * dice|indica|afferma|menziona|riporta|spiega|precisa * che",
    // Portuguese.
    "observe|note|lembre que",
    "vale|cabe|é|convém * notar|destacar|ressaltar|mencionar|importante|lembrar|salientar * que",
    "tenha em mente que",
    "o|a|este|esta * texto|fonte|documento|artigo|trecho|relatório * diz|indica|menciona|afirma|informa|explica * que",
    // Dutch.
    "let op dat",
    "houd er rekening mee dat",
    "het is * belangrijk|goed|vermelden|weten * dat",
    "merk op dat",
    "vergeet niet dat",
    "de|het|deze|dit * tekst|bron|document|artikel|passage|rapport * zegt|vermeldt|stelt|noemt|geeft|meldt * dat",
    // Russian.
    "обратите внимание что",
    "следует|стоит|важно|необходимо * отметить|заметить|учитывать|помнить что",
    "в тексте|документе|статье|источнике говорится|сказано|указано|сообщается что",
    "текст|документ|источник * сообщает|говорит|указывает что",
];

/// What says where something is taken from, before a comma, a colon or the statement itself.
const FROM_SOURCE: &[&str] = &[
    "based|relying|drawing|going on|from|by|solely|only on? @which% @source @behind%",
    "based on @which% @source and @which% @source @behind%",
    "according|per|judging to|by|from|as? @which% @source @behind%",
    "per @which% @source @behind%",
    "in|from|within|given|considering|following|using|with @which+ @source @behind%",
    "as @which% stated|mentioned|described|noted|indicated|shown|explained|reported|specified|outlined|written|seen|per|discussed|detailed|given in|by|on|from|per? @which% @source @behind%",
    "as stated|mentioned|noted|described|indicated|reported|explained|discussed|specified|outlined above|earlier|before|below|there",
    "as @which% @source @behind% @tell",
    "@which% @source @behind% @tell",
    "as per @which% @source @behind%",
    "in accordance|line|keeping with @which% @source",
    "on the basis of @which% @source @behind%",
    // German.
    "laut|gemäß|gemäss|nach|entsprechend * text|quelle|dokument|dokumenten|artikel|kontext|bericht|quellen|unterlagen|angaben|passage|auszug|textes",
    "dem|den|der|diesem|dieser * text|quelle|dokument|dokumenten|artikel|kontext|bericht|quellen|unterlagen|passage zufolge|nach",
    "basierend|aufgrund|ausgehend auf|von|des|der? * text|quelle|dokument|dokumenten|artikel|kontext|bericht|quellen|unterlagen|textes|informationen",
    "auf grundlage|basis * text|textes|quelle|dokuments|dokumente|artikels|kontexts|kontextes|quellen|unterlagen|informationen",
    "wie * im|in * text|quelle|dokument|artikel|bericht|kontext erwähnt|angegeben|beschrieben|steht|genannt|dargelegt",
    // French.
    "selon|d'après|suivant|conformément au? le|la|les|ce|cet|cette? * texte|source|document|documents|article|contexte|passage|rapport|sources|extrait fourni|fournie|fournis|donné|ci-dessus?",
    "après|sur le|la|base|du? * texte|source|document|documents|article|contexte|passage fourni|fournie|fournis|donné?",
    "comme * indiqué|mentionné|précisé|dit|indique dans|le|la * texte|source|document|article|passage",
    // Spanish.
    "según|de|con|segun acuerdo? con? * texto|fuente|documento|documentos|artículo|contexto|pasaje|informe|fuentes|fragmento proporcionado|proporcionados|dado|anterior?",
    "basándome|basándonos|basado|en|sobre la? base? de? en? * texto|fuente|documento|documentos|artículo|contexto|pasaje|informe proporcionado|proporcionados|dado?",
    "como * indica|menciona|dice|señala * texto|fuente|documento|artículo|pasaje",
    // Italian.
    "secondo|stando|in il|al|la|base? al? * testo|fonte|documento|documenti|articolo|contesto|brano|rapporto fornito|forniti|dato?",
    "come * indicato|menzionato|riportato|affermato nel|nella|dal * testo|fonte|documento|articolo|brano",
    // Portuguese.
    "segundo|conforme|de|com acordo|base? com|em? * texto|fonte|documento|documentos|artigo|contexto|trecho|relatório fornecido|fornecidos|dado?",
    "como * indicado|mencionado|informado|descrito no|na * texto|fonte|documento|artigo|trecho",
    // Dutch.
    "volgens|op basis? van? de|het|deze * tekst|bron|document|documenten|artikel|context|passage|rapport|bronnen",
    "zoals * vermeld|aangegeven|staat|beschreven in|de|het * tekst|bron|document|artikel",
    // Russian.
    "согласно|судя|исходя по|из? * тексту|текста|источнику|документу|статье|контексту|документа|контекста",
    "как указано|сказано|говорится|отмечено в тексте|документе|источнике|статье",
    // Arabic.
    "وفقا|حسب|بناء|استنادا على|إلى? للنص|النص|المصدر|للمصدر|للوثيقة|السياق|الوثيقة",
    // Korean.
    "본문|문서|자료|원문|텍스트|기사|제공된 본문|문서|자료|원문|텍스트|문맥? 따르면",
    "본문에|문서에|자료에|원문에|텍스트에|기사에 따르면",
    "제공된 본문에|문서에|자료에|문맥에 따르면",
];

/// What hides a statement behind a subordinate clause: its words up to the conjunction.
const HEDGES: &[&str] = &[
    "i hope this|that|it helps since|because|as|for",
    "hope this|that|it helps since|because|as|for",
    "i'm|i am happy|glad to help since|because|as",
    "i think|believe|guess|suppose that",
    "i'm|i am not * sure|certain|expert but",
    "i|we cannot|can't|could|couldn't not? * but",
    "i may|might|could be wrong but",
    "ich hoffe * hilft denn|da|weil",
    "ich hoffe * geholfen denn|da|weil",
    "ich bin * nicht * sicher aber",
];

/// Openings of scripts without gaps, with what follows them.
const GLUED: &[&str] = &[
    "当然，",
    "当然可以，",
    "好的，",
    "是的，",
    "没问题，",
    "请注意，",
    "请注意：",
    "需要注意的是，",
    "值得注意的是，",
    "值得一提的是，",
    "总之，",
    "综上所述，",
    "简而言之，",
    "根据提供的文本，",
    "根据所提供的文本，",
    "根据文本，",
    "根据原文，",
    "根据文章，",
    "根据上下文，",
    "根据资料，",
    "根据文档，",
    "根据所给文本，",
    "根据提供的资料，",
    "根据提供的信息，",
    "据文中所述，",
    "据原文，",
    "文中提到，",
    "文中提到：",
    "文章指出，",
    "文章提到，",
    "原文指出，",
    "如文中所述，",
    "资料显示，",
    "答：",
    "答案：",
    "もちろん、",
    "もちろんです。",
    "はい、",
    "なお、",
    "要するに、",
    "つまり、",
    "ご注意ください。",
    "注意：",
    "答え：",
    "回答：",
    "本文によると、",
    "本文によれば、",
    "文章によると、",
    "文章によれば、",
    "資料によると、",
    "資料によれば、",
    "文書によると、",
    "提供された文書によると、",
    "提供された情報によると、",
    "提供された文脈によると、",
    "記事によると、",
    "記事によれば、",
    "原文によると、",
    "テキストによると、",
    "ソースによると、",
];

/// "Please note", where the statement follows without "that".
const NOTES: &[&str] = &[
    "please note",
    "note",
    "please be aware",
    "bitte beachten sie",
    "achtung",
    "nb",
    "n.b",
];
/// What tells that the text says something after all: "… but it does say that".
const AFTER_ALL: &[&str] = &[
    "it|they does|do? @tell that",
    "@which% @source does? @tell that",
    "i can|do tell|know|say you? that",
];

static COURTESY: LazyLock<Patterns> = LazyLock::new(|| Patterns::new(COURTESIES.iter().copied()));
static INTRODUCTION: LazyLock<Patterns> =
    LazyLock::new(|| Patterns::new(THAT.iter().chain(HEDGES).copied()));
static NOTE: LazyLock<Patterns> = LazyLock::new(|| Patterns::new(NOTES.iter().copied()));
static ORIGIN: LazyLock<Patterns> = LazyLock::new(|| Patterns::new(FROM_SOURCE.iter().copied()));
static TELLS: LazyLock<Patterns> = LazyLock::new(|| Patterns::new(AFTER_ALL.iter().copied()));

/// An opening: its end in bytes, and what it is.
pub(super) type Opening = (usize, NonClaim);

/// The opening of `text[start..end]`, whose tokens are given, where something that may be a statement follows.
pub(super) fn opening(text: &str, start: usize, end: usize, tokens: &[Token]) -> Option<Opening> {
    let slice = text.get(start..end)?;
    if let Some(glued) = GLUED.iter().find(|glued| slice.starts_with(**glued)) {
        return (slice.len() > glued.len()).then_some((start + glued.len(), NonClaim::Courtesy));
    }
    let words: Vec<&str> = tokens
        .iter()
        .take(40)
        .map(|token| token.word.as_str())
        .collect();
    // Patterns in a script without gaps were looked for above.
    if words.is_empty() {
        return None;
    }
    let gap = |count: usize| {
        let before = tokens.get(count.checked_sub(1)?)?;
        text.get(before.range.end..tokens.get(count)?.range.start)
    };
    let enough = |count: usize| tokens.len() >= count + LEAST;
    let begin = |count: usize| {
        tokens
            .get(count)
            .map_or(end, |token| quoted(text, token.range.start, start))
    };
    if let Some(count) = INTRODUCTION.begins(&words).find(|count| enough(*count)) {
        return Some((begin(count), NonClaim::Courtesy));
    }
    // "Thanks to the new roof, …" gives a reason.
    let reason = words.starts_with(&["thanks", "to"]) || words.starts_with(&["thank", "to"]);
    let courtesies = COURTESY
        .found(if reason { &[] } else { &words })
        .flat_map(|(count, more)| count..=count + more);
    for count in courtesies.filter(|count| enough(*count)) {
        let Some(gap) = gap(count) else { continue };
        let marked = gap.contains([',', ':', '，', '：', '、', '،']);
        let parted = marked || gap.contains(['!', '–', '—', '！', '.']) || gap.contains(" - ");
        // "Answer. …" and "Well! …" state nothing, and "Right – …" may be a side.
        let vague = count == 1
            && matches!(
                words[0],
                "well" | "right" | "answer" | "summary" | "no" | "yes" | "si" | "ja" | "non"
            );
        if marked || parted && !vague {
            return Some((begin(count), NonClaim::Courtesy));
        }
    }
    for count in NOTE.begins(&words).filter(|count| enough(*count)) {
        let article = words.get(count).is_some_and(|word| {
            matches!(
                *word,
                "the" | "this" | "these" | "it" | "they" | "there" | "a"
            )
        });
        if (article && words[0] == "please")
            || gap(count).is_some_and(|gap| gap.contains([':', ',']))
        {
            return Some((begin(count), NonClaim::Courtesy));
        }
    }
    for count in ORIGIN.begins(&words).filter(|count| enough(*count)) {
        let parted = gap(count).is_some_and(|gap| gap.contains([',', ':', '，', '：', '–', '—']));
        // German and Dutch go on with the verb.
        let inverted = matches!(
            words[0],
            "laut"
                | "gemäß"
                | "nach"
                | "dem"
                | "den"
                | "basierend"
                | "auf"
                | "aufgrund"
                | "wie"
                | "volgens"
                | "op"
                | "zoals"
                | "согласно"
        ) && words
            .get(count)
            .is_some_and(|word| super::words::is_finite(word) || inverts(word));
        let korean = words[count.saturating_sub(1)] == "따르면";
        if parted || inverted || korean {
            return Some((begin(count), NonClaim::Announcement));
        }
    }
    silent(text, start, tokens)
}

/// Where a statement begins behind a polite clause that no pattern has: "I'm glad you asked: the mill opened in
/// 1902." It has a verb, and a value or a name.
pub(super) fn behind_courtesy(text: &str, analysis: &Analysis) -> Option<usize> {
    let tokens = &analysis.tokens;
    for at in 1..tokens.len().min(16) {
        let gap = text.get(tokens[at - 1].range.end..tokens[at].range.start)?;
        if !gap.contains([',', ':', '–', '—', '!', ';']) {
            continue;
        }
        let link = matches!(
            tokens[at].word.as_str(),
            "since" | "because" | "as" | "that" | "so" | "but" | "and" | "for"
        );
        let first = at + usize::from(link);
        let start = tokens.get(first)?.range.start;
        let verb = tokens[first..]
            .iter()
            .skip(1)
            .any(|token| super::words::is_finite(&token.word) || inverts(&token.word));
        let value = analysis.dates.iter().any(|date| date.range.start >= start)
            || analysis
                .quantities
                .iter()
                .any(|quantity| quantity.range.start >= start && !quantity.weak)
            || analysis
                .entities
                .iter()
                .any(|name| name.range.start > start && !name.weak);
        if verb && (value || gap.contains(':')) && tokens.len() >= first + 3 {
            return Some(start);
        }
    }
    None
}

/// Finite verbs that follow such an opening in German and Dutch.
fn inverts(word: &str) -> bool {
    matches!(
        word,
        "wurde"
            | "wurden"
            | "wird"
            | "werden"
            | "hat"
            | "haben"
            | "hatte"
            | "ist"
            | "sind"
            | "war"
            | "waren"
            | "kann"
            | "können"
            | "liegt"
            | "steht"
            | "gibt"
            | "beträgt"
            | "leitet"
            | "kostet"
            | "werd"
            | "heeft"
            | "hebben"
            | "was"
            | "is"
            | "zijn"
            | "kan"
            | "gilt"
            | "soll"
            | "sollen"
            | "muss"
            | "begann"
            | "dauert"
            | "hält"
            | "umfasst"
            | "eröffnete"
            | "opende"
    ) || word.len() > 5 && (word.ends_with("te") || word.ends_with("ten"))
}

/// Where a statement begins: with the quotation mark before its first word.
fn quoted(text: &str, at: usize, start: usize) -> usize {
    text.get(start..at)
        .and_then(|before| before.chars().next_back())
        .filter(|c| {
            matches!(
                c,
                '"' | '“' | '„' | '«' | '‘' | '(' | '$' | '€' | '£' | '*' | '`'
            )
        })
        .map_or(at, |c| at - c.len_utf8())
}

/// "Although the text does not mention the year, …", "The text does not say who built it, but …".
fn silent(text: &str, start: usize, tokens: &[Token]) -> Option<Opening> {
    let first = tokens.first()?.word.as_str();
    let concedes = matches!(
        first,
        "although"
            | "though"
            | "while"
            | "whereas"
            | "even"
            | "despite"
            | "obwohl"
            | "auch"
            | "zwar"
            | "wenngleich"
            | "bien"
            | "quoique"
            | "même"
            | "aunque"
            | "si"
            | "sebbene"
            | "anche"
            | "benché"
            | "embora"
            | "apesar"
            | "hoewel"
            | "ofschoon"
            | "хотя"
    );
    for at in 1..tokens.len().min(40) {
        let gap = text.get(tokens[at - 1].range.end..tokens[at].range.start)?;
        let comma = gap.contains([',', '，', '،', ';', '、', '–', '—', '.']);
        let turns = matches!(
            tokens[at].word.as_str(),
            "but"
                | "however"
                | "yet"
                | "aber"
                | "jedoch"
                | "doch"
                | "mais"
                | "pero"
                | "ma"
                | "mas"
                | "maar"
                | "но"
                | "однако"
                | "لكن"
        );
        if !(concedes && comma || turns || gap.contains(';')) || tokens.len() < at + LEAST {
            continue;
        }
        let clause = text.get(start..tokens[at - 1].range.end)?;
        if abstentions::abstains(clause, &tokens[..at]) {
            let mut next = at + usize::from(turns);
            // "but it does say that …"
            let words: Vec<&str> = tokens[next..]
                .iter()
                .take(12)
                .map(|token| token.word.as_str())
                .collect();
            next += TELLS.begins(&words).next().unwrap_or(0);
            let begin = tokens.get(next)?.range.start;
            return Some((quoted(text, begin, start), NonClaim::Abstention));
        }
        if concedes {
            return None;
        }
    }
    None
}
