"""The pack of termes."""
