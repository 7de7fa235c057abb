"""The pack of barman."""
