mod kinds;
pub(crate) mod perturbations;
mod variants;
