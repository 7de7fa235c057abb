"""The pack of grippers."""
