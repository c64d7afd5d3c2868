//! The two languages of texts: Chinese on screen for the users, English for everyone else.

use std::error::Error;
use std::fmt;

/// A language of texts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lang {
    /// 中文
    #[default]
    Zh,
    /// English
    En,
}

impl Lang {
    /// The language of a program's screen: `flag`, else what the environment says by `variable`, else Chinese.
    pub fn chosen(flag: Option<String>, variable: impl Fn(&str) -> Option<String>) -> Self {
        let said = flag.or_else(|| {
            ["LC_ALL", "LC_MESSAGES", "LANG"]
                .into_iter()
                .find_map(|name| variable(name).filter(|value| !value.is_empty()))
        });
        // C and POSIX mean that nobody chose, and the users of an office read Chinese.
        match said {
            Some(said) if said.starts_with("en") => Self::En,
            _ => Self::Zh,
        }
    }

    /// The one of the two texts that this language wants.
    pub fn pick<T>(self, zh: T, en: T) -> T {
        match self {
            Self::Zh => zh,
            Self::En => en,
        }
    }
}

/// One text in both languages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Say {
    /// 中文
    pub zh: String,
    /// English
    pub en: String,
}

/// A text in both languages.
pub fn say(zh: impl Into<String>, en: impl Into<String>) -> Say {
    let (zh, en) = (zh.into(), en.into());
    Say { zh, en }
}

impl Say {
    /// The text in this language.
    pub fn pick(&self, lang: Lang) -> &str {
        lang.pick(&self.zh, &self.en)
    }

    /// A text that has only one form, such as what a system call says.
    pub fn same(text: impl fmt::Display) -> Self {
        let text = text.to_string();
        say(text.clone(), text)
    }

    /// This, and what to do about it or what else there is to say.
    #[must_use]
    pub fn then(self, next: &Self) -> Self {
        say(format!("{}；{}", self.zh, next.zh), format!("{}; {}", self.en, next.en))
    }

    /// With the causes of `error` behind, as the system or library words them.
    #[must_use]
    pub fn because(self, error: &dyn Error) -> Self {
        let causes = causes(error);
        if causes.is_empty() {
            return self;
        }
        say(format!("{}（{causes}）", self.zh), format!("{} ({causes})", self.en))
    }
}

/// For logs, where both may be read.
impl fmt::Display for Say {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.en, self.zh)
    }
}

/// An error and its sources in one line, without what is said twice.
pub fn causes(error: &dyn Error) -> String {
    let mut text = String::new();
    let mut next = Some(error);
    while let Some(error) = next {
        let said = error.to_string();
        if !text.contains(&said) {
            if !text.is_empty() {
                text.push_str(": ");
            }
            text.push_str(&said);
        }
        next = error.source();
    }
    text
}

/// Makes an enum of which every value has a word in each language.
#[macro_export]
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident $zh:literal $en:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$vdoc])* #[doc = $zh] $variant,)* }

        impl $name {
            /// All values, in their order.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// 中文
            pub const fn zh(self) -> &'static str {
                match self { $(Self::$variant => $zh,)* }
            }

            /// English
            pub const fn en(self) -> &'static str {
                match self { $(Self::$variant => $en,)* }
            }

            /// The word in the language asked for.
            pub fn name(self, lang: $crate::lang::Lang) -> &'static str {
                lang.pick(self.zh(), self.en())
            }
        }
    };
}
