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
        "If you want to cancel because of the price, the fee is waived.",
        "Si el viento supera los 60 km/h, el servicio se suspende.",
        "The mill opened in 1902.",
    ] {
        assert!(!is_courtesy(text), "{text}");
    }
}
