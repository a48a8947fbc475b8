mod golden;
pub(super) mod properties;
