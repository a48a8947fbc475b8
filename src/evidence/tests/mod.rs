pub(crate) mod flips;
mod kinds;
mod variants;
