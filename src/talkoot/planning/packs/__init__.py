"""What is known about a domain: packs, their phrases, completing and auditing problems by their rules."""
