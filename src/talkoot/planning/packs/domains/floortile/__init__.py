"""The pack of floortile."""
