//! Enumerations whose members have one lower-case word each, shared by Rust, Python and files.

/// Declares a `u8` enumeration with its words: `ALL`, `as_str`, `parse`, `from_code`.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
        #[repr(u8)]
        pub enum $name { $($(#[$vmeta])* #[doc = concat!("The word `", $word, "`.")] $variant),+ }

        // Each vocabulary is whole, whether or not all of it is used yet.
        #[allow(dead_code)]
        impl $name {
            /// Every member, in code order.
            pub const ALL: &'static [$name] = &[$($name::$variant),+];

            /// The member's word.
            pub const fn as_str(self) -> &'static str {
                match self { $($name::$variant => $word),+ }
            }

            /// The member of a word, or a sentence that lists the valid ones.
            pub fn parse(word: &str) -> Result<Self, String> {
                match word {
                    $($word => Ok($name::$variant),)+
                    _ => Err(format!(
                        "{}: {word:?} is not one of {}",
                        stringify!($name).to_lowercase(),
                        [$($word),+].join(", "),
                    )),
                }
            }
        }
    };
}

pub(crate) use words;
