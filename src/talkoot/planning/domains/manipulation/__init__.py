"""The pack of manipulation."""
