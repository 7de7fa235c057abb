"""The pack of storage."""
