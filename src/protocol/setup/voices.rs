//! Voices and languages: names that the service adds to, so any other is sent as it is.

use crate::protocol::schema::{Kind, open_enum};

open_enum! {
    /// Voice name: one of the service's prebuilt voices. Any name is sent as it is.
    VoiceName {
        /// Bright.
        Zephyr = "Zephyr",
        /// Upbeat.
        Puck = "Puck",
        /// Informative.
        Charon = "Charon",
        /// Firm.
        Kore = "Kore",
        /// Excitable.
        Fenrir = "Fenrir",
        /// Youthful.
        Leda = "Leda",
        /// Firm.
        Orus = "Orus",
        /// Breezy.
        Aoede = "Aoede",
        /// Easy-going. This one and those below: native-audio models.
        Callirrhoe = "Callirrhoe",
        /// Bright.
        Autonoe = "Autonoe",
        /// Breathy.
        Enceladus = "Enceladus",
        /// Clear.
        Iapetus = "Iapetus",
        /// Easy-going.
        Umbriel = "Umbriel",
        /// Smooth.
        Algieba = "Algieba",
        /// Smooth.
        Despina = "Despina",
        /// Clear.
        Erinome = "Erinome",
        /// Gravelly.
        Algenib = "Algenib",
        /// Informative.
        Rasalgethi = "Rasalgethi",
        /// Upbeat.
        Laomedeia = "Laomedeia",
        /// Soft.
        Achernar = "Achernar",
        /// Firm.
        Alnilam = "Alnilam",
        /// Even.
        Schedar = "Schedar",
        /// Mature.
        Gacrux = "Gacrux",
        /// Forward.
        Pulcherrima = "Pulcherrima",
        /// Friendly.
        Achird = "Achird",
        /// Casual.
        Zubenelgenubi = "Zubenelgenubi",
        /// Gentle.
        Vindemiatrix = "Vindemiatrix",
        /// Lively.
        Sadachbia = "Sadachbia",
        /// Knowledgeable.
        Sadaltager = "Sadaltager",
        /// Warm.
        Sulafat = "Sulafat",
    }
    kind Kind::Text
}

open_enum! {
    /// Language code: a language as a BCP-47 code. Any code is sent as it is; those marked * are not for
    /// native audio.
    LanguageCode {
        /// Arabic.
        ArXa = "ar-XA",
        /// Bengali (India).
        BnIn = "bn-IN",
        /// Mandarin Chinese (China) *.
        CmnCn = "cmn-CN",
        /// German (Germany).
        DeDe = "de-DE",
        /// English (Australia) *.
        EnAu = "en-AU",
        /// English (UK) *.
        EnGb = "en-GB",
        /// English (India).
        EnIn = "en-IN",
        /// English (US).
        EnUs = "en-US",
        /// Spanish (Spain) *.
        EsEs = "es-ES",
        /// Spanish (US).
        EsUs = "es-US",
        /// French (Canada) *.
        FrCa = "fr-CA",
        /// French (France).
        FrFr = "fr-FR",
        /// Gujarati (India) *.
        GuIn = "gu-IN",
        /// Hindi (India).
        HiIn = "hi-IN",
        /// Indonesian (Indonesia).
        IdId = "id-ID",
        /// Italian (Italy).
        ItIt = "it-IT",
        /// Japanese (Japan).
        JaJp = "ja-JP",
        /// Kannada (India) *.
        KnIn = "kn-IN",
        /// Korean (South Korea).
        KoKr = "ko-KR",
        /// Malayalam (India) *.
        MlIn = "ml-IN",
        /// Marathi (India).
        MrIn = "mr-IN",
        /// Dutch (Netherlands).
        NlNl = "nl-NL",
        /// Polish (Poland).
        PlPl = "pl-PL",
        /// Portuguese (Brazil).
        PtBr = "pt-BR",
        /// Russian (Russia).
        RuRu = "ru-RU",
        /// Tamil (India).
        TaIn = "ta-IN",
        /// Telugu (India).
        TeIn = "te-IN",
        /// Thai (Thailand).
        ThTh = "th-TH",
        /// Turkish (Turkey).
        TrTr = "tr-TR",
        /// Vietnamese (Vietnam).
        ViVn = "vi-VN",
    }
    kind Kind::Text
}
