//! Saved states under a checksum, so that a damaged one is refused before it is believed.

use serde::Serialize;
use serde::de::DeserializeOwned;

/// Changes with every change of what is saved.
const VERSION: &[u8; 4] = b"tb06";

/// FNV-1a, 64 bits.
fn checksum(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, &byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// The bytes of a state.
pub fn seal<T: Serialize>(state: &T) -> Result<Vec<u8>, String> {
    let body = postcard::to_stdvec(state).map_err(|error| error.to_string())?;
    Ok([VERSION.as_slice(), &checksum(&body).to_le_bytes(), &body].concat())
}

/// The state out of its bytes; says why where they are none of this version, or damaged.
pub fn open<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, String> {
    let (version, rest) = bytes.split_at_checked(VERSION.len()).ok_or("it is too short to be a saved state")?;
    if version != VERSION {
        return Err("it was not saved by this version".to_owned());
    }
    let (sum, body) = rest.split_at_checked(8).ok_or("it is too short to be a saved state")?;
    if sum != checksum(body).to_le_bytes() {
        return Err("it is damaged: its checksum does not match".to_owned());
    }
    postcard::from_bytes(body).map_err(|error| error.to_string())
}
