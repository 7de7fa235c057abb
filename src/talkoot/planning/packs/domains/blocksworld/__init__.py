"""The pack of blocksworld."""
