//! Region and partition to host.
