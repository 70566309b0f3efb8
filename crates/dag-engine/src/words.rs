//! A text in both languages of the product.

/// English and Chinese, saying the same.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Words {
    pub en: String,
    pub zh: String,
}

impl Words {
    pub fn new(en: impl Into<String>, zh: impl Into<String>) -> Words {
        Words { en: en.into(), zh: zh.into() }
    }

    /// One after the other.
    pub fn list(items: &[Words]) -> Words {
        let join = |side: fn(&Words) -> &str, by: &str| items.iter().map(side).collect::<Vec<_>>().join(by);
        Words { en: join(|w| &w.en, ", "), zh: join(|w| &w.zh, "，") }
    }
}
