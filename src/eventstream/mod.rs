//! AWS event-stream messages: bytes in, messages out.
