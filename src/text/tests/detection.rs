use super::*;

#[test]
fn common_languages_are_told_apart() {
    for (text, language) in [
        (
            "The mill by the river was sold to a baker in May.",
            Language::English,
        ),
        (
            "Die Mühle am Fluss wurde im Mai an einen Bäcker verkauft.",
            Language::German,
        ),
        (
            "Le moulin au bord de la rivière a été vendu à un boulanger.",
            Language::French,
        ),
        (
            "El molino junto al río fue vendido a un panadero en mayo.",
            Language::Spanish,
        ),
        (
            "Il mulino sul fiume è stato venduto a un fornaio nella valle.",
            Language::Italian,
        ),
        (
            "O moinho foi vendido a um padeiro e não voltou a abrir.",
            Language::Portuguese,
        ),
        (
            "Мельница у реки была продана пекарю в мае.",
            Language::Russian,
        ),
        ("بيعت الطاحونة إلى خباز في مايو", Language::Arabic),
        ("चक्की मई में एक बेकर को बेच दी गई", Language::Hindi),
        ("磨坊在五月卖给了面包师", Language::Other),
        ("", Language::English),
    ] {
        assert_eq!(Language::of(text), language, "{text}");
    }
}
