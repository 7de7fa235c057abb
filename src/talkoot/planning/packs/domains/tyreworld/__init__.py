"""The pack of tyreworld."""
