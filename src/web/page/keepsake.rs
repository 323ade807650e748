//! The resumption handle that outlives the page, in the tab's session storage.

use web_sys::Storage;

/// The place for a session's handle, under the application's key. The storage may be forbidden, absent or full: then there is
/// none, and the session lasts as long as its page.
#[derive(Debug)]
pub(in crate::web) struct Keepsake {
    key: String,
}

impl Keepsake {
    pub(in crate::web) const fn new(key: String) -> Self {
        Self { key }
    }

    pub(in crate::web) fn handle(&self) -> Option<String> {
        storage()?.get_item(&self.key).ok()?.filter(|handle| !handle.is_empty())
    }

    /// Keeps this handle instead of the one before; none where it is good for nothing any more.
    pub(in crate::web) fn keep(&self, handle: Option<&str>) {
        let Some(storage) = storage() else { return };
        let _ = match handle {
            Some(handle) => storage.set_item(&self.key, handle),
            None => storage.remove_item(&self.key),
        };
    }
}

/// Asking for it throws where the user has forbidden it.
fn storage() -> Option<Storage> {
    web_sys::window()?.session_storage().ok()?
}
