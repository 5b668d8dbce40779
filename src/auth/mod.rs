//! Who asks, and how it is proved.
